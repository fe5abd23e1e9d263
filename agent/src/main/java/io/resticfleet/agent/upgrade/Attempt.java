package io.resticfleet.agent.upgrade;

import io.resticfleet.agent.state.StateDirectory;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * An unfinished or failed upgrade; on disk from just before the new jar is put in place until the server accepts the
 * new version, or until the next attempt.
 *
 * @param from the version before
 * @param sha256 of the new jar; identifies which of the two is running
 * @param starts how often the new version has started
 * @param failed the reason of the failure; absent while the upgrade may still succeed
 */
record Attempt(String from, String to, String sha256, Instant since, int starts, Optional<String> failed) {

    private static final System.Logger log = System.getLogger(Attempt.class.getName());

    /** The unit checks for this file too, and puts the previous jar back if the new one fails before it can read it. */
    static final String FILE = "upgrade.json";

    /** The unit's own count of starts, one line each. */
    static final String UNIT_STARTS = "upgrade.starts";

    static Attempt at(Instant now, String from, String to, String sha256) {
        return new Attempt(from, to, sha256, now, 0, Optional.empty());
    }

    /** Reads the attempt, if there is one. A damaged file is set aside, and the running version stays. */
    static Optional<Attempt> find(StateDirectory state) {
        try {
            return state.readJson(FILE, Attempt.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "the record of an upgrade was set aside, this version stays: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return Optional.empty();
        }
    }

    static void forget(StateDirectory state) {
        state.delete(state.root().resolve(FILE));
        state.delete(state.root().resolve(UNIT_STARTS));
    }

    void save(StateDirectory state) {
        state.writeJson(FILE, this);
    }

    Attempt started() {
        return new Attempt(from, to, sha256, since, starts + 1, failed);
    }

    Attempt failed(String why) {
        return new Attempt(from, to, sha256, since, starts, Optional.of(why));
    }
}
