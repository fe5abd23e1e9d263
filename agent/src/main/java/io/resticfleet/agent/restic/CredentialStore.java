package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * Where this host's snapshots go and how to open it, as the server last said.
 *
 * <p>Safe for use by many threads.
 */
public final class CredentialStore {

    private static final String FILE = "credentials.json";
    private static final System.Logger log = System.getLogger(CredentialStore.class.getName());

    private final StateDirectory state;
    private volatile Optional<ToAgent.ConfigUpdate> held;

    private CredentialStore(StateDirectory state, Optional<ToAgent.ConfigUpdate> held) {
        this.state = state;
        this.held = held;
    }

    /** What cannot be used is set aside: the server says it again at the next connection. */
    public static CredentialStore open(StateDirectory state) {
        try {
            return new CredentialStore(state, read(state));
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "the repository and its password were lost and come back with the next connection; until then no"
                            + " backup can run: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return new CredentialStore(state, Optional.empty());
        }
    }

    /**
     * What is on disk, and nothing is changed there.
     *
     * @throws StateDirectory.DamagedFile if it is there and cannot be used
     */
    public static Optional<ToAgent.ConfigUpdate> read(StateDirectory state) {
        return state.readJson(FILE, ToAgent.ConfigUpdate.class);
    }

    /** Replaces what is held; returns when it is on disk. */
    public synchronized void store(ToAgent.ConfigUpdate update) {
        state.writeJson(FILE, update);
        held = Optional.of(update);
    }

    public Optional<ToAgent.ConfigUpdate> find() {
        return held;
    }

    public Redactor redactor() {
        return Redactor.of(held.map(ToAgent.ConfigUpdate::repository));
    }

    public Optional<Repository> repository() {
        return held.map(ToAgent.ConfigUpdate::repository);
    }
}
