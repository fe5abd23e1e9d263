package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The epoch of the server's database at the last connection. A database restored from a copy has another epoch, or
 * lacks results that it acknowledged; those are sent again.
 *
 * <p>Safe for use by many threads.
 */
public final class ServerEpoch {

    private static final System.Logger log = System.getLogger(ServerEpoch.class.getName());
    private static final String FILE = "server.json";
    private static final int MAX_EPOCH_LENGTH = 200;

    private final StateDirectory state;
    private final HostId hostId;
    private final BooleanSupplier cloned;
    private Optional<Known> known;

    /**
     * Content of the file. The epoch belongs to the server that knows this machine by this id.
     *
     * @param owed results with a higher sequence are still to be sent again; absent if there are none
     */
    record Known(HostId hostId, String epoch, Optional<Long> owed) {}

    private ServerEpoch(StateDirectory state, HostId hostId, BooleanSupplier cloned, Optional<Known> known) {
        this.state = state;
        this.hostId = hostId;
        this.cloned = cloned;
        this.known = known;
    }

    /**
     * @param hostId this machine's id at its present server; it may have been enrolled with another one before
     * @param cloned whether a clone of this machine is known
     */
    public static ServerEpoch open(StateDirectory state, HostId hostId, BooleanSupplier cloned) {
        return new ServerEpoch(state, hostId, cloned, read(state));
    }

    /** The last epoch; absent if the server has not sent one yet. */
    public synchronized Optional<String> find() {
        return known.filter(last -> last.hostId().equals(hostId)).map(Known::epoch);
    }

    /** Compares the server's epoch and stored sequence with the known ones, before anything else is sent. */
    public synchronized void welcomed(ToAgent.Welcome welcome, Outbox outbox) {
        if (welcome.epoch().filter(epoch -> epoch.length() <= MAX_EPOCH_LENGTH).isEmpty()) {
            return; // an older server without epochs, or one that would make the next hello too long
        }
        if (known.filter(last -> !last.hostId().equals(hostId)).isPresent()) {
            outbox.forgetAcknowledged(); // enrolled with another server before
        }
        long stored = welcome.storedSequence().orElse(0L);
        var owed = owed(welcome.epoch().get(), stored, outbox).map(after -> Math.min(after, stored));
        save(new Known(hostId, welcome.epoch().get(), owed));
        owed.ifPresent(after -> outbox.sendAgain(
                after, () -> save(new Known(hostId, welcome.epoch().get(), Optional.empty()))));
        outbox.continueAfter(stored);
    }

    /**
     * The sequence after which the server lacks acknowledged results. A machine and its clone share one count, so the
     * stored results may be the clone's; then all results are sent again.
     */
    private Optional<Long> owed(String epoch, long stored, Outbox outbox) {
        var before = find();
        if (before.isEmpty()) {
            return Optional.empty();
        }
        if (!before.get().equals(epoch)) {
            return Optional.of(cloned.getAsBoolean() ? 0 : stored);
        }
        return known.flatMap(Known::owed)
                .filter(after -> cloned.getAsBoolean())
                .or(() -> Optional.of(stored).filter(upTo -> outbox.acked() > upTo));
    }

    private synchronized void save(Known now) {
        if (known.equals(Optional.of(now))) {
            return;
        }
        known = Optional.of(now);
        try {
            state.writeJson(FILE, now);
        } catch (UncheckedIOException e) {
            log.log(
                    Level.WARNING,
                    "cannot store the server's epoch, the next connection tries again:  " + e.getMessage());
        }
    }

    private static Optional<Known> read(StateDirectory state) {
        try {
            return state.readJson(FILE, Known.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "damaged file set aside: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return Optional.empty();
        }
    }
}
