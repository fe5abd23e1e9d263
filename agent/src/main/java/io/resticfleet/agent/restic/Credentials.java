package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import java.util.Optional;

/**
 * Where this host's snapshots go and how to open it, as the server last said.
 *
 * <p>Safe for use by many threads.
 */
public final class Credentials {

    private static final String FILE = "credentials.json";

    private final Storage storage;
    private volatile Optional<ToAgent.ConfigUpdate> held;

    private Credentials(Storage storage, Optional<ToAgent.ConfigUpdate> held) {
        this.storage = storage;
        this.held = held;
    }

    /** @throws Storage.DamagedState if the file is there and cannot be used: it is never written over then */
    public static Credentials open(Storage storage) {
        return new Credentials(storage, storage.readJson(FILE, ToAgent.ConfigUpdate.class));
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
