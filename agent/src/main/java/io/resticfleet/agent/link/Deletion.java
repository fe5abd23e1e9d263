package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the operator deleted this host on its server, or gave it another machine; kept through restarts. No schedule runs
 * then.
 *
 * <p>Safe for use by many threads.
 */
public final class Deletion {

    private static final System.Logger log = System.getLogger(Deletion.class.getName());
    private static final String FILE = "deleted.json";

    private final StateDirectory state;
    private volatile boolean deleted;

    /**
     * Content of the file.
     *
     * @param at when the agent learnt it
     * @param code of the rejection; absent from older agents, which know only {@link ToAgent.Reject#HOST_DELETED}
     */
    public record Reported(Instant at, Optional<String> code) {

        public Reported {
            code = code == null ? Optional.empty() : code;
        }

        /** What has happened and what to do, without the time. */
        public String words() {
            return code.equals(Optional.of(ToAgent.Reject.REPLACED))
                    ? "another machine has taken the place of this one on its server, so that no schedule runs; to add this"
                            + " machine as another host, run a new install command"
                    : "this machine was deleted on its server, so that no schedule runs; to add it again, run a new install"
                            + " command";
        }
    }

    private Deletion(StateDirectory state) {
        this.state = state;
        var reported = find(state);
        this.deleted = reported.isPresent();
        reported.ifPresent(found -> log.log(Level.ERROR, found.words()));
    }

    public static Deletion open(StateDirectory state) {
        return new Deletion(state);
    }

    /**
     * What the server reported; absent if the host was not deleted, and if the file is damaged: backups that run for nothing
     * are better than none, and the server reports the deletion again.
     */
    public static Optional<Reported> find(StateDirectory state) {
        try {
            return state.readJson(FILE, Reported.class);
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

    /** Records a rejection that ends the schedules. */
    public void reported(ToAgent.Reject reject, Instant now) {
        if (!deleted) {
            state.writeJson(FILE, new Reported(now, Optional.of(reject.code())));
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
