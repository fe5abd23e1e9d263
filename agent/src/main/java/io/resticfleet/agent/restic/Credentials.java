package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * Where this host's snapshots go and how to open it, as the server last said.
 *
 * <p>Safe for use by many threads.
 */
public final class Credentials {

    private static final String FILE = "credentials.json";
    private static final System.Logger log = System.getLogger(Credentials.class.getName());

    private final Storage storage;
    private volatile Optional<ToAgent.ConfigUpdate> held;

    private Credentials(Storage storage, Optional<ToAgent.ConfigUpdate> held) {
        this.storage = storage;
        this.held = held;
    }

    /** What cannot be used is set aside: the server says it again at the next connection. */
    public static Credentials open(Storage storage) {
        try {
            return new Credentials(storage, read(storage));
        } catch (Storage.DamagedState e) {
            log.log(
                    Level.ERROR,
                    "the repository and its password were lost and come back with the next connection; until then no"
                            + " backup can run: " + e.getMessage());
            storage.setAside(storage.root().resolve(FILE));
            return new Credentials(storage, Optional.empty());
        }
    }

    /**
     * What is on disk, and nothing is changed there.
     *
     * @throws Storage.DamagedState if it is there and cannot be used
     */
    public static Optional<ToAgent.ConfigUpdate> read(Storage storage) {
        return storage.readJson(FILE, ToAgent.ConfigUpdate.class);
    }

    /** Replaces what is held; returns when it is on disk. */
    public synchronized void store(ToAgent.ConfigUpdate update) {
        storage.writeJson(FILE, update);
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
