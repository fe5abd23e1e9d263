package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The upgrade of all agents, one after the other. It is stored; after a restart of the server it is paused until a user
 * continues it, so that nothing is upgraded unattended. Not thread-safe.
 */
final class Rollout {

    private static final String RUNNING = "running";
    private static final String HALTED = "halted";
    private static final String FINISHED = "finished";
    private static final String RESTARTED = "the server was restarted; the other agents are upgraded when you continue";

    /**
     * The rollout's state for the API.
     *
     * @param state {@code none} yet, {@code running}, {@code paused} since the server was restarted, {@code halted} at a
     *     failure, or {@code finished}
     * @param current host that is being upgraded; null if none is
     * @param waiting the next hosts, in order
     * @param detail why it is paused or halted; null if it is not
     */
    record View(String state, Optional<HostId> current, List<HostId> waiting, Optional<String> detail) {}

    private final Database db;
    private final Deque<HostId> waiting = new ArrayDeque<>();
    private String state;
    private Optional<String> detail;
    private Optional<HostId> current = Optional.empty();

    /** The user who started or continued it; absent if that was before the server started. */
    private Optional<Actor> actor = Optional.empty();

    private Rollout(Database db, RolloutDao.State stored, List<HostId> hosts) {
        this.db = db;
        this.state = stored.state();
        this.detail = stored.detail();
        waiting.addAll(hosts);
        finishIfNoneWaits();
    }

    static Rollout open(Database db) {
        return db.read(handle -> {
            var dao = handle.attach(RolloutDao.class);
            return new Rollout(db, dao.state().orElse(new RolloutDao.State("none", Optional.empty())), dao.hosts());
        });
    }

    boolean running() {
        return current.isPresent();
    }

    /** Whether the server was restarted before it was finished. */
    boolean paused() {
        return state.equals(RUNNING) && actor.isEmpty();
    }

    /**
     * Leaves out the waiting hosts that do not exist any more.
     *
     * @return whether the current host does not, either
     */
    boolean retain(Set<HostId> existing) {
        waiting.retainAll(existing);
        finishIfNoneWaits();
        return current.filter(hostId -> !existing.contains(hostId)).isPresent();
    }

    /** Ends a paused rollout whose hosts were all deleted. */
    private void finishIfNoneWaits() {
        if (paused() && waiting.isEmpty()) {
            state = FINISHED;
        }
    }

    /** Starts with these hosts, instead of those of an earlier rollout. */
    void start(Actor by, List<HostId> hosts) {
        db.change(tx -> {
            store(tx, RUNNING, Optional.empty());
            tx.attach(RolloutDao.class).clear();
            tx.attach(RolloutDao.class).add(hosts);
        });
        waiting.clear();
        waiting.addAll(hosts);
        begin(by);
    }

    /** Continues after a restart of the server. */
    void resume(Actor by) {
        begin(by);
    }

    private void begin(Actor by) {
        actor = Optional.of(by);
        state = RUNNING;
        detail = Optional.empty();
        take();
    }

    private void take() {
        current = Optional.ofNullable(waiting.poll());
        if (current.isEmpty()) {
            end(FINISHED, Optional.empty());
        }
    }

    boolean isAt(HostId hostId) {
        return current.filter(hostId::equals).isPresent();
    }

    Optional<HostId> current() {
        return current;
    }

    Actor actor() {
        return actor.orElseThrow();
    }

    /** Goes on to the next host. If that is not stored, the present one is skipped after a restart, as it is up to date. */
    void next() {
        current.ifPresent(done -> note(tx -> tx.attach(RolloutDao.class).remove(done)));
        take();
    }

    /** Stops; the waiting hosts are not upgraded. */
    void halt(String reason) {
        current = Optional.empty();
        end(HALTED, Optional.of(reason));
    }

    private void end(String newState, Optional<String> why) {
        state = newState;
        detail = why;
        note(tx -> store(tx, newState, why));
    }

    private void note(Consumer<Handle> change) {
        try {
            db.note(change);
        } catch (StorageRefused e) {
            return; // it is paused after a restart
        }
    }

    private static void store(Handle tx, String state, Optional<String> detail) {
        tx.attach(RolloutDao.class).state(state, detail);
    }

    View view() {
        return paused()
                ? new View("paused", Optional.empty(), List.copyOf(waiting), Optional.of(RESTARTED))
                : new View(state, current, List.copyOf(waiting), detail);
    }
}
