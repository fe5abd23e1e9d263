package io.resticfleet.agent.schedule;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The schedule set that this machine applies, on disk.
 *
 * <p>Safe for use by many threads.
 */
public final class ScheduleStore {

    private static final System.Logger log = System.getLogger(ScheduleStore.class.getName());
    private static final String FILE = "schedules.json";

    /** How far the version of a new set may be ahead of the present one. */
    private static final long MAX_VERSION_JUMP = 1_000_000;

    private static final ToAgent.ScheduleSet EMPTY = new ToAgent.ScheduleSet(0, List.of());

    private final StateDirectory state;
    private final Consumer<ToAgent.ScheduleSet> apply;
    private ToAgent.ScheduleSet held;

    private ScheduleStore(StateDirectory state, Consumer<ToAgent.ScheduleSet> apply, ToAgent.ScheduleSet held) {
        this.state = state;
        this.apply = apply;
        this.held = held;
    }

    /**
     * Opens the store and applies its set. A damaged file is set aside: the server sends the set again.
     *
     * @param apply called with each set that comes into effect
     */
    public static ScheduleStore open(StateDirectory state, Consumer<ToAgent.ScheduleSet> apply) {
        var store = new ScheduleStore(state, apply, read(state));
        apply.accept(store.held);
        return store;
    }

    /** Stores a set, applies it and acknowledges it; or refuses it as a whole. */
    public synchronized ToServer.ScheduleAck receive(ToAgent.ScheduleSet set) {
        if (set.version() < held.version()) {
            log.log(
                    Level.WARNING,
                    "ignored an older schedule set version=" + set.version() + " held=" + held.version());
            return new ToServer.ScheduleAck(held.version(), Optional.empty());
        }
        var problem = problem(set);
        if (problem.isPresent()) {
            log.log(Level.ERROR, "refused a schedule set version=" + set.version() + ": " + problem.get());
            return new ToServer.ScheduleAck(held.version(), problem);
        }
        if (!set.equals(held)) {
            state.writeJson(FILE, set);
            held = set;
            apply.accept(set);
            log.log(
                    Level.INFO,
                    "schedules received version=" + set.version() + " count="
                            + set.schedules().size());
        }
        return new ToServer.ScheduleAck(held.version(), Optional.empty());
    }

    /** Refuses a set that was too large to be received. */
    public ToServer.ScheduleAck refuseTooLarge() {
        log.log(Level.ERROR, "refused a schedule set that is too large");
        return new ToServer.ScheduleAck(
                version(),
                Optional.of("the schedules together have more than " + Protocol.MAX_SET_BYTES
                        + " bytes; the machine still runs those it has"));
    }

    /**
     * The present set, for a server that asks for it.
     *
     * @param config the repositories where its snapshots go; empty if there is none
     */
    public synchronized ToServer.ScheduleHeld held(Optional<ToAgent.ConfigUpdate> config) {
        return new ToServer.ScheduleHeld(
                held.version(),
                held.schedules(),
                config.map(ToAgent.ConfigUpdate::repository),
                config.flatMap(ToAgent.ConfigUpdate::repositories));
    }

    /** The present version; 0 if none was ever received. */
    public synchronized long version() {
        return held.version();
    }

    private Optional<String> problem(ToAgent.ScheduleSet set) {
        if (set.version() - held.version() > MAX_VERSION_JUMP) {
            return Optional.of(
                    "the version is too far ahead of this machine's; accepting it would lock out every later change");
        }
        if (set.schedules().size() > Protocol.MAX_SCHEDULES) {
            return Optional.of("more than " + Protocol.MAX_SCHEDULES + " schedules for one machine");
        }
        var ids = new HashSet<ScheduleId>();
        for (var schedule : set.schedules()) {
            if (!ids.add(schedule.id())) {
                return Optional.of("two schedules have the same id");
            }
            var wrong = schedule.refusals();
            if (!wrong.isEmpty()) {
                return Optional.of(
                        "schedule " + schedule.id() + ": " + wrong.get(0).detail());
            }
        }
        return Optional.empty();
    }

    private static ToAgent.ScheduleSet read(StateDirectory state) {
        try {
            return state.readJson(FILE, ToAgent.ScheduleSet.class).orElse(EMPTY);
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "the schedules were lost, the server sends them again on the next connection: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return EMPTY;
        }
    }
}
