package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ToAgent;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Which database the server had when it was last met: one that was restored from a copy has another epoch, or less of
 * what this agent has told, and is told that again.
 *
 * <p>Safe for use by many threads.
 */
public final class ServerEpoch {

    private static final System.Logger log = System.getLogger(ServerEpoch.class.getName());
    private static final String FILE = "server.json";
    private static final int LONGEST = 200;

    private final StateDirectory state;
    private final String hostId;
    private final BooleanSupplier cloned;
    private Optional<Met> met;

    /**
     * The form of the file. An epoch is of the server that knows this machine by that id.
     *
     * @param owed results with a higher sequence than this are yet to be told again; absent if there are none
     */
    record Met(String hostId, String epoch, Optional<Long> owed) {}

    private ServerEpoch(StateDirectory state, String hostId, BooleanSupplier cloned, Optional<Met> met) {
        this.state = state;
        this.hostId = hostId;
        this.cloned = cloned;
        this.met = met;
    }

    /**
     * @param hostId who this machine is to its server now; it may have joined another one before
     * @param cloned whether a clone of this machine is known
     */
    public static ServerEpoch open(StateDirectory state, String hostId, BooleanSupplier cloned) {
        return new ServerEpoch(state, hostId, cloned, read(state));
    }

    /** The epoch last seen; absent if the server has not told any yet. */
    public synchronized Optional<String> find() {
        return met.filter(last -> last.hostId().equals(hostId)).map(Met::epoch);
    }

    /** Compares what the server says of itself with what is known, before anything else is sent to it. */
    public synchronized void welcomed(ToAgent.Welcome welcome, Outbox outbox) {
        if (welcome.epoch().filter(epoch -> epoch.length() <= LONGEST).isEmpty()) {
            return; // a server from before there were epochs, or one that would make the next hello too long
        }
        if (met.filter(last -> !last.hostId().equals(hostId)).isPresent()) {
            outbox.forgetAcknowledged(); // it was another server
        }
        long stored = welcome.storedSequence().orElse(0L);
        var owed = owed(welcome.epoch().get(), stored, outbox).map(after -> Math.min(after, stored));
        keep(new Met(hostId, welcome.epoch().get(), owed));
        owed.ifPresent(after -> outbox.sendAgain(
                after, () -> keep(new Met(hostId, welcome.epoch().get(), Optional.empty()))));
        outbox.goPast(stored);
    }

    /**
     * From where on the server lacks results that it has acknowledged. What it has stored of a machine and its clone is
     * counted together: it may be the clone's, and is told again from the first on.
     */
    private Optional<Long> owed(String epoch, long stored, Outbox outbox) {
        var before = find();
        if (before.isEmpty()) {
            return Optional.empty();
        }
        if (!before.get().equals(epoch)) {
            return Optional.of(cloned.getAsBoolean() ? 0 : stored);
        }
        return met.flatMap(Met::owed)
                .filter(after -> cloned.getAsBoolean())
                .or(() -> Optional.of(stored).filter(upTo -> outbox.acked() > upTo));
    }

    private synchronized void keep(Met now) {
        if (met.equals(Optional.of(now))) {
            return;
        }
        met = Optional.of(now);
        try {
            state.writeJson(FILE, now);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "which server this is cannot be written down; it is asked again: " + e.getMessage());
        }
    }

    private static Optional<Met> read(StateDirectory state) {
        try {
            return state.readJson(FILE, Met.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "set aside: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return Optional.empty();
        }
    }
}
