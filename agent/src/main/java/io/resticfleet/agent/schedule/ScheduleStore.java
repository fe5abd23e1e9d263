package io.resticfleet.agent.schedule;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The schedule set this machine obeys, on disk.
 *
 * <p>Safe for use by many threads.
 */
public final class ScheduleStore {

    private static final System.Logger log = System.getLogger(ScheduleStore.class.getName());
    private static final String FILE = "schedules.json";
    private static final Pattern ID = Pattern.compile("[0-9A-Z]{26}");
    private static final int MOST_SCHEDULES = 1_000;

    /** So many versions a set may be ahead of the one held. */
    private static final long MOST_AT_ONCE = 1_000_000;

    private static final ToAgent.ScheduleSet NOTHING = new ToAgent.ScheduleSet(0, List.of());

    private final StateDirectory state;
    private final Consumer<ToAgent.ScheduleSet> obey;
    private ToAgent.ScheduleSet held;

    private ScheduleStore(StateDirectory state, Consumer<ToAgent.ScheduleSet> obey, ToAgent.ScheduleSet held) {
        this.state = state;
        this.obey = obey;
        this.held = held;
    }

    /**
     * Opens the store and obeys what is in it. One that cannot be read is set aside: the server has the same.
     *
     * @param obey told of each set as it begins to hold
     */
    public static ScheduleStore open(StateDirectory state, Consumer<ToAgent.ScheduleSet> obey) {
        var store = new ScheduleStore(state, obey, read(state));
        obey.accept(store.held);
        return store;
    }

    /** Takes a set in: on disk, then obeyed, then answered; or refused whole. */
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
            obey.accept(set);
            log.log(
                    Level.INFO,
                    "schedules received version=" + set.version() + " count="
                            + set.schedules().size());
        }
        return new ToServer.ScheduleAck(held.version(), Optional.empty());
    }

    /**
     * All that is held, for a server that asks.
     *
     * @param repository where its snapshots go
     */
    public synchronized ToServer.ScheduleHeld held(Optional<Repository> repository) {
        return new ToServer.ScheduleHeld(held.version(), held.schedules(), repository);
    }

    /** The version held; 0 if none was ever received. */
    public synchronized long version() {
        return held.version();
    }

    private Optional<String> problem(ToAgent.ScheduleSet set) {
        if (set.version() - held.version() > MOST_AT_ONCE) {
            return Optional.of("nobody has changed schedules so often; from such a version there would be no way back");
        }
        if (set.schedules().size() > MOST_SCHEDULES) {
            return Optional.of("more than " + MOST_SCHEDULES + " schedules for one machine");
        }
        var ids = new HashSet<String>();
        for (var schedule : set.schedules()) {
            if (!ID.matcher(schedule.id()).matches() || !ids.add(schedule.id())) {
                return Optional.of("a schedule's id is not a ULID, or comes twice");
            }
            var wrong = schedule.violations();
            if (!wrong.isEmpty()) {
                return Optional.of(
                        "schedule " + schedule.id() + ": " + wrong.get(0).detail());
            }
        }
        return Optional.empty();
    }

    private static ToAgent.ScheduleSet read(StateDirectory state) {
        try {
            return state.readJson(FILE, ToAgent.ScheduleSet.class).orElse(NOTHING);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "the schedules were lost and come back with the next connection: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return NOTHING;
        }
    }
}
