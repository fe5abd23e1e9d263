package io.resticfleet.agent.upgrade;

import io.resticfleet.agent.state.StateDirectory;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * An upgrade that is not over, or has failed; on disk from just before the new jar takes its place until it was welcomed by
 * the server, or the next attempt.
 *
 * @param from version before
 * @param sha256 of the new jar; tells which of the two is running
 * @param starts how often the new one has started
 * @param failed why it is not to be; absent as long as it may come out well
 */
record Attempt(String from, String to, String sha256, Instant since, int starts, Optional<String> failed) {

    private static final System.Logger log = System.getLogger(Attempt.class.getName());

    /** Also looked for by the unit, which puts the jar before back if the new one never gets as far as to read this. */
    static final String FILE = "upgrade.json";

    /** The unit's own count of starts, a line each. */
    static final String UNIT_STARTS = "upgrade.starts";

    static Attempt at(Instant now, String from, String to, String sha256) {
        return new Attempt(from, to, sha256, now, 0, Optional.empty());
    }

    /** One that cannot be understood is set aside: whichever version runs then stays. */
    static Optional<Attempt> find(StateDirectory state) {
        try {
            return state.readJson(FILE, Attempt.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "set aside, and the present version stays: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return Optional.empty();
        }
    }

    static void forget(StateDirectory state) {
        state.delete(state.root().resolve(FILE));
        state.delete(state.root().resolve(UNIT_STARTS));
    }

    void keep(StateDirectory state) {
        state.writeJson(FILE, this);
    }

    Attempt started() {
        return new Attempt(from, to, sha256, since, starts + 1, failed);
    }

    Attempt failed(String why) {
        return new Attempt(from, to, sha256, since, starts, Optional.of(why));
    }
}
