package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.SideDatabase;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.transfer.Transfers;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has agents list the files of snapshots that are not indexed, and removes the trees of those that are gone. One snapshot of a
 * host at a time, and few of all hosts. Safe for use by many threads; works on one of its own.
 */
public final class TreeIndexer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TreeIndexer.class);

    /** How often {@link #sweep} is to be called. */
    public static final Duration EVERY = Duration.ofSeconds(15);

    /** Snapshots that are listed at the same time. */
    private static final int MAX_RUNNING = 2;

    /** A listing that takes longer keeps none of the others waiting. */
    private static final Duration COUNTED_FOR = Duration.ofMinutes(30);

    /** Until an agent begins to send: restic reads the repository's index first. */
    private static final Duration ADDRESS_VALID = Duration.ofMinutes(15);

    /** Of a listing, from the request to its end. */
    private static final Duration LIMIT = Duration.ofHours(4);

    /** How long a host is left alone that does not list, by the code of its answer; others are asked for the next snapshot. */
    private static final Map<String, Duration> PAUSES = Map.of(
            "index_off", Duration.ofHours(1),
            "questions_off", Duration.ofHours(1),
            "busy", Duration.ofSeconds(2),
            "no_repository", Duration.ofMinutes(10));

    /** Until an agent that has sent a listing has ended its restic. */
    private static final Duration GAP = Duration.ofMillis(200);

    /** Time for a transaction to end when the server stops. */
    private static final Duration MAX_END = Duration.ofSeconds(5);

    private static final int CHECKED_AT_ONCE = 1_000;

    private final TreeIndex index;
    private final Snapshots snapshots;
    private final TreeQueue queue;
    private final ListingHosts hosts;
    private final Agents agents;
    private final Transfers transfers;
    private final LongSupplier nanoTime;
    private final Runnable afterSweep;
    private final Map<HostId, Request> running = new HashMap<>();
    private final HostPauses pauses;
    private final LinkedHashSet<RepositoryId> order = new LinkedHashSet<>();
    private final LinkedHashSet<RepositoryId> changed = new LinkedHashSet<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        var made = new Thread(task, "tree-index");
        made.setDaemon(true);
        return made;
    });
    private long requests;

    /** A listing that an agent was asked for. Guarded by the indexer. */
    private static final class Request {
        private final String id;
        private final AgentConnection connection;
        private final RepositoryId repositoryId;
        private final Snapshot snapshot;
        private final long askedAt;
        private Transfers.Transfer transfer;
        private boolean receiving;

        private Request(
                String id, AgentConnection connection, RepositoryId repositoryId, Snapshot snapshot, long askedAt) {
            this.id = id;
            this.connection = connection;
            this.repositoryId = repositoryId;
            this.snapshot = snapshot;
            this.askedAt = askedAt;
        }
    }

    /** @param afterSweep what else is to be done on its thread */
    TreeIndexer(
            TreeIndex index,
            Snapshots snapshots,
            ListingHosts hosts,
            Agents agents,
            Transfers transfers,
            LongSupplier nanoTime,
            Runnable afterSweep) {
        this.index = index;
        this.snapshots = snapshots;
        this.queue = new TreeQueue(snapshots, index, nanoTime);
        this.hosts = hosts;
        this.agents = agents;
        this.transfers = transfers;
        this.nanoTime = nanoTime;
        this.afterSweep = afterSweep;
        this.pauses = new HostPauses(nanoTime);
    }

    /** The list of a repository's snapshots was reported. */
    public void listed(RepositoryId repositoryId) {
        synchronized (this) {
            changed.add(repositoryId);
        }
        sweep();
    }

    /** Looks what is to be done, soon and on another thread. To be called regularly. */
    public void sweep() {
        if (index.isOn() && due.compareAndSet(false, true)) {
            try {
                thread.execute(this::sweepNow);
            } catch (RejectedExecutionException e) {
                due.set(false); // the server is being stopped
            }
        }
    }

    private void later(Duration pause, Runnable work) {
        try {
            thread.schedule(work, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // the server is being stopped
        }
    }

    private void sweepNow() {
        due.set(false);
        try {
            if (index.replaceIfDamaged()) {
                queue.changed();
            }
            takeChanges();
            if (index.evict() || index.forgetEvicted()) {
                queue.changed();
            }
            endLost();
            if (index.mayGrow()) {
                askAll();
            }
            afterSweep.run();
        } catch (StorageRefused e) {
            log.debug("nothing is indexed at present: {}", e.getMessage());
        } catch (SideDatabase.Failed e) {
            log.warn("the index of files does not work: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("indexing failed", e);
        }
    }

    /** Removes the trees of snapshots that are gone. */
    private void takeChanges() {
        List<RepositoryId> reported;
        synchronized (this) {
            reported = List.copyOf(changed);
            changed.clear();
        }
        for (var repositoryId : reported) {
            queue.changed(repositoryId);
            queue.next(repositoryId); // a new snapshot may have the files of one that is gone
            var after = "";
            List<String> some;
            do {
                some = index.snapshots(repositoryId, after, CHECKED_AT_ONCE);
                var present = snapshots.listed(repositoryId, some);
                index.remove(
                        repositoryId,
                        some.stream().filter(id -> !present.contains(id)).toList());
                after = some.isEmpty() ? after : some.get(some.size() - 1);
            } while (some.size() == CHECKED_AT_ONCE);
        }
    }

    /** Ends requests that their agents have forgotten. */
    private synchronized void endLost() {
        long now = nanoTime.getAsLong();
        List.copyOf(running.values()).stream()
                .filter(request -> !request.receiving)
                .forEach(request -> {
                    var hostId = request.connection.hostId();
                    if (now - request.askedAt > ADDRESS_VALID.toNanos()) {
                        pauses.lost(hostId);
                        queue.failed(request.repositoryId, request.snapshot);
                        end(request);
                    } else if (agents.find(hostId)
                            .filter(request.connection::equals)
                            .isEmpty()) {
                        queue.changed(request.repositoryId);
                        end(request);
                    }
                });
    }

    private synchronized void askAll() {
        order.addAll(hosts.repositories());
        for (var repositoryId : new ArrayList<>(order)) {
            if (isBusy()) {
                return;
            }
            for (var snapshot : queue.next(repositoryId)) {
                if (ask(repositoryId, snapshot)) {
                    order.remove(repositoryId); // the others first, the next time
                    order.add(repositoryId);
                    break;
                }
            }
        }
    }

    private boolean isBusy() {
        long now = nanoTime.getAsLong();
        return running.values().stream()
                        .filter(request -> now - request.askedAt < COUNTED_FOR.toNanos())
                        .count()
                >= MAX_RUNNING;
    }

    /** Asks the snapshot's own host, or one that can stand in for it. Returns whether one was asked. */
    private boolean ask(RepositoryId repositoryId, Snapshot snapshot) {
        var able = hosts.listing(repositoryId, snapshot.hostname(), Protocol.TREE_INDEX).stream()
                .filter(hostId -> !pauses.has(hostId))
                .toList();
        if (able.isEmpty()) {
            return false;
        }
        var hostId = able.stream().filter(id -> !running.containsKey(id)).findFirst();
        if (hostId.isEmpty() || running.containsKey(able.get(0)) && isOwn(able.get(0), snapshot)) {
            return false; // soon
        }
        return agents.find(hostId.get())
                .map(connection -> ask(connection, repositoryId, snapshot))
                .orElse(false);
    }

    private boolean isOwn(HostId hostId, Snapshot snapshot) {
        return hosts.hostname(hostId).equals(Optional.of(snapshot.hostname()));
    }

    private boolean ask(AgentConnection connection, RepositoryId repositoryId, Snapshot snapshot) {
        var request = new Request("T" + ++requests, connection, repositoryId, snapshot, nanoTime.getAsLong());
        try {
            request.transfer = transfers.open(connection.hostId(), ADDRESS_VALID, body -> receive(request, body));
        } catch (Problem e) {
            return false; // too many transfers at present
        }
        running.put(connection.hostId(), request);
        queue.taken(repositoryId, snapshot);
        connection.send(
                new ToAgent.TreeWanted(request.id, Optional.of(repositoryId), snapshot.id(), request.transfer.token()));
        return true;
    }

    private void receive(Request request, InputStream body) throws IOException {
        synchronized (this) {
            if (running.get(request.connection.hostId()) != request) {
                throw new IOException("the listing is not awaited any more");
            }
            request.receiving = true;
            pauses.sent(request.connection.hostId());
        }
        boolean stored = false;
        try {
            var limited = new TimedBody(body, nanoTime, request.askedAt + LIMIT.toNanos());
            index.store(request.connection.hostId(), request.repositoryId, request.snapshot, limited);
            stored = true;
        } catch (IOException | RuntimeException e) {
            log.warn(
                    "the files of a snapshot were not stored host={} snapshot={}: {}",
                    request.connection.hostId(),
                    request.snapshot.shortId(),
                    e.getMessage());
            if (e instanceof SideDatabase.Failed) {
                throw new IOException("the server cannot store it at present", e);
            }
            throw e;
        } finally {
            ended(request, stored);
            sweep();
        }
    }

    private synchronized void ended(Request request, boolean stored) {
        if (stored) {
            queue.indexed(request.snapshot);
        } else {
            queue.failed(request.repositoryId, request.snapshot);
        }
        later(GAP, () -> {
            end(request);
            sweep();
        });
    }

    /** An agent cannot list a snapshot. */
    public void failed(AgentConnection connection, ToServer.TreeFailed failure) {
        synchronized (this) {
            var request = running.get(connection.hostId());
            if (request == null
                    || request.connection != connection
                    || request.receiving
                    || !request.id.equals(failure.request())) {
                return;
            }
            log.info(
                    "the files of a snapshot were not listed host={} snapshot={} code={}: {}",
                    connection.hostId(),
                    request.snapshot.shortId(),
                    failure.code(),
                    failure.detail());
            var pause = PAUSES.get(failure.code());
            if (pause == null) {
                queue.failed(request.repositoryId, request.snapshot);
            } else {
                pauses.add(connection.hostId(), pause);
                later(pause.plusMillis(1), this::sweep);
                queue.changed(request.repositoryId);
            }
            end(request);
        }
        sweep();
    }

    private synchronized void end(Request request) {
        running.remove(request.connection.hostId(), request);
        request.transfer.close();
    }

    /** Returns when nothing is being done any more. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(MAX_END.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("indexing did not end within {} s", MAX_END.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
