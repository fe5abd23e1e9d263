package io.resticfleet.agent.link;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.ToAgent;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * Which database the server had when it was last met: one that was restored from a copy has another epoch, or less of
 * what this agent has told, and is told that again.
 *
 * <p>Safe for use by many threads.
 */
public final class ServerEpoch {

    private static final System.Logger log = System.getLogger(ServerEpoch.class.getName());
    private static final String FILE = "server.json";

    private final Storage storage;
    private final String hostId;
    private Optional<Met> met;

    /** The form of the file. An epoch is of the server that knows this machine by that id. */
    record Met(String hostId, String epoch) {}

    private ServerEpoch(Storage storage, String hostId, Optional<Met> met) {
        this.storage = storage;
        this.hostId = hostId;
        this.met = met;
    }

    /** @param hostId who this machine is to its server now; it may have joined another one before */
    public static ServerEpoch open(Storage storage, String hostId) {
        return new ServerEpoch(storage, hostId, read(storage));
    }

    /** The epoch last seen; absent if the server has not told any yet. */
    public synchronized Optional<String> find() {
        return met.filter(last -> last.hostId().equals(hostId)).map(Met::epoch);
    }

    /** Compares what the server says of itself with what is known, before anything else is sent to it. */
    public synchronized void welcomed(ToAgent.Welcome welcome, Outbox outbox) {
        if (welcome.epoch().isEmpty()) {
            return; // a server from before there were epochs
        }
        if (met.filter(last -> !last.hostId().equals(hostId)).isPresent()) {
            outbox.forgetAcknowledged(); // it was another server
        }
        long stored = welcome.storedSequence().orElse(0L);
        var before = find();
        if (before.isPresent() && (!before.equals(welcome.epoch()) || outbox.acked() > stored)) {
            outbox.sendAgain(stored);
        }
        outbox.goPast(stored);
        keep(new Met(hostId, welcome.epoch().get()));
    }

    private void keep(Met now) {
        if (met.equals(Optional.of(now))) {
            return;
        }
        met = Optional.of(now);
        try {
            storage.writeJson(FILE, now);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "which server this is cannot be written down; it is asked again: " + e.getMessage());
        }
    }

    private static Optional<Met> read(Storage storage) {
        try {
            return storage.readJson(FILE, Met.class);
        } catch (Storage.DamagedState e) {
            log.log(Level.ERROR, "set aside: " + e.getMessage());
            storage.setAside(storage.root().resolve(FILE));
            return Optional.empty();
        }
    }
}
