package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the operator deleted this host on its server; kept through restarts. No schedule runs then.
 *
 * <p>Safe for use by many threads.
 */
public final class Deletion {

    private static final System.Logger log = System.getLogger(Deletion.class.getName());
    private static final String FILE = "deleted.json";

    private final StateDirectory state;
    private volatile boolean deleted;

    /** @param at when the agent learnt it */
    private record Reported(Instant at) {}

    private Deletion(StateDirectory state) {
        this.state = state;
        this.deleted = find(state).isPresent();
    }

    public static Deletion open(StateDirectory state) {
        var deletion = new Deletion(state);
        if (deletion.deleted) {
            log.log(
                    Level.ERROR,
                    "this machine was deleted on its server, so that no schedule runs; to add it again, run a new install"
                            + " command");
        }
        return deletion;
    }

    /**
     * When the agent learnt it; absent if the host was not deleted, and if the file is damaged: backups that run for nothing
     * are better than none, and the server reports the deletion again.
     */
    public static Optional<Instant> find(StateDirectory state) {
        try {
            return state.readJson(FILE, Reported.class).map(Reported::at);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "the record of this machine's deletion is ignored: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Removes the record, of a host that is enrolled again or that its server knows. */
    public static void clear(StateDirectory state) {
        state.delete(state.root().resolve(FILE));
    }

    public boolean isDeleted() {
        return deleted;
    }

    /** Records that the server has reported the deletion. */
    public void reported(Instant now) {
        if (!deleted) {
            state.writeJson(FILE, new Reported(now));
            deleted = true;
        }
    }

    /** Ends the deletion, as the server has accepted this agent. */
    public void revoked() {
        if (deleted) {
            clear(state);
            deleted = false;
        }
    }
}
