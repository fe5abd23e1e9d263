package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Reports the host's snapshots. The list is on disk, and grows by the snapshots that backups make: restic lists the
 * repository once a day, and after what removes snapshots. The server receives what differs from its own list, in pieces, each
 * after it has stored the one before. It is offered again on every connection, so that nothing has to be remembered of what
 * the server received. An older server, which does not ask, receives the newest snapshots in one result.
 *
 * <p>Safe for use by many threads.
 */
final class SnapshotReports {

    private static final System.Logger log = System.getLogger(SnapshotReports.class.getName());

    /** Exists if the server has ever asked. */
    private static final String ASKED = "snapshots-asked";

    /** Upper bound of a list as one result, which blocks a slow uplink for its whole length. */
    private static final int MAX_RESULT_BYTES = 1024 * 1024;

    /** Exists while the list lacks snapshots, or has some that may be gone. */
    private static final String OUTDATED = "outdated";

    /** A day, less what the times of a daily backup differ by. */
    private static final Duration MAX_AGE = Duration.ofHours(23);

    private static final int MAX_UNLISTED = 1_000;

    private final StateDirectory state;
    private final Results results;
    private final Path directory;
    private final AtomicLong numbers;

    /** Snapshots that were made since the list, which does not have them. */
    private final ArrayDeque<MadeSnapshot> unlisted = new ArrayDeque<>();

    private Optional<SnapshotFile> held;
    private Optional<SnapshotPieces> pieces = Optional.empty();
    private Optional<ToServer> next = Optional.empty();
    private boolean connected;
    private boolean asked;
    private long report;

    /** The last report that the server has all of. */
    private Optional<Long> complete = Optional.empty();

    private Runnable wake = () -> {};

    /**
     * @param repositoryId absent for an older server
     * @param numbers number of the last offer of any list
     */
    SnapshotReports(StateDirectory state, Results results, Optional<RepositoryId> repositoryId, AtomicLong numbers) {
        this.state = state;
        this.results = results;
        this.numbers = numbers;
        this.directory = SnapshotFile.directory(state, repositoryId);
        this.held = SnapshotFile.open(state, directory);
    }

    /** @param newWake called when there is something to send; must not block */
    synchronized void onAdded(Runnable newWake) {
        wake = newWake;
    }

    /** Whether the repository was never listed since it became this host's; false for an older server. */
    synchronized boolean lacks(ToAgent.ConfigUpdate config) {
        return config.repositoryId().isPresent()
                && held.filter(file -> file.head().isOf(config)).isEmpty();
    }

    /** Whether the repository is to be listed after a run: the list is outdated, of another repository, or a day old. */
    synchronized boolean isDue(ToAgent.ConfigUpdate config, Instant now) {
        return Files.exists(directory.resolve(OUTDATED))
                || held.map(SnapshotFile::head)
                        .filter(head -> head.isOf(config)
                                && !head.takenAt().isAfter(now)
                                && head.takenAt().plus(MAX_AGE).isAfter(now))
                        .isEmpty();
    }

    /** The repository is to be listed after the next run. */
    void outdated() {
        if (!Files.exists(directory.resolve(OUTDATED))) {
            state.write(directory.resolve(OUTDATED), new byte[0]);
        }
    }

    /** A backup made a snapshot: it is added to the list, or the repository is to be listed. */
    void made(ToAgent.ConfigUpdate config, MadeSnapshot made) {
        try {
            if (add(config, made)) {
                reportToOlderServer();
            } else {
                outdated();
            }
        } catch (IOException | UncheckedIOException e) {
            log.log(Level.WARNING, "a snapshot cannot be added to the list of snapshots: " + e.getMessage());
            replaced(Optional.empty());
        }
    }

    private synchronized boolean add(ToAgent.ConfigUpdate config, MadeSnapshot made) throws IOException {
        var file = held.filter(list -> list.head().isOf(config));
        if (file.isEmpty() || made.row().isEmpty()) {
            unlisted.add(made);
            if (unlisted.size() > MAX_UNLISTED) {
                unlisted.remove();
            }
            return false;
        }
        file.get().append(state, made.row().get());
        replaced(file);
        return true;
    }

    /**
     * The repository was listed.
     *
     * @param stdout restic's output
     * @throws IOException if that is no list of restic's
     */
    void listed(SnapshotFile.Head head, Path stdout) throws IOException {
        var totals = totals(SnapshotFile.withoutTotals(stdout)); // fails before anything is written
        replaced(Optional.empty()); // the old file must not be read while it is replaced
        try {
            SnapshotFile.write(state, directory, head, stdout, totals);
        } finally {
            replaced(SnapshotFile.open(state, directory));
        }
        upToDate();
        reportToOlderServer();
    }

    private synchronized void upToDate() {
        unlisted.clear();
        state.delete(directory.resolve(OUTDATED));
    }

    /** What is known of the sizes of these snapshots, which restic does not list. */
    private synchronized Map<Long, SnapshotFile.Totals> totals(Set<Long> keys) {
        var totals = new HashMap<Long, SnapshotFile.Totals>();
        if (!keys.isEmpty() && held.isPresent()) {
            try {
                totals.putAll(held.get().totals(keys));
            } catch (IOException e) {
                log.log(Level.WARNING, "the sizes of earlier snapshots cannot be read: " + e);
            }
        }
        for (var made : unlisted) {
            keys.stream().filter(made::hasKey).forEach(key -> totals.put(key, made.totals()));
        }
        return totals;
    }

    private synchronized void replaced(Optional<SnapshotFile> file) {
        held = file;
        next = Optional.empty();
        pieces = Optional.empty();
        if (asked) {
            offer();
        }
    }

    private synchronized void reportToOlderServer() throws IOException {
        if (held.isPresent()
                && !asked
                && (connected || !Files.exists(state.root().resolve(ASKED)))) {
            results.snapshots(held.get().head().takenAt(), newest(held.get()));
        }
    }

    private static List<Snapshot> newest(SnapshotFile file) throws IOException {
        int from = file.count();
        for (int bytes = 0; from > 0 && bytes + file.size(from - 1) < MAX_RESULT_BYTES; from--) {
            bytes += file.size(from - 1);
        }
        if (from > 0) {
            log.log(
                    Level.WARNING,
                    "too many snapshots for this server: it receives the newest " + (file.count() - from) + " of "
                            + file.count() + "; upgrade it");
        }
        return file.read(IntStream.range(from, file.count()).boxed().toList());
    }

    /** The server asks for the list. */
    synchronized void asked() {
        if (!Files.exists(state.root().resolve(ASKED))) {
            state.write(state.root().resolve(ASKED), new byte[0]);
        }
        asked = true;
        offer();
    }

    private void offer() {
        pieces = Optional.empty();
        report = numbers.incrementAndGet();
        next = held.flatMap(file -> file.head()
                .repositoryId()
                .map(repository -> new SnapshotsOffer(
                        report,
                        repository,
                        file.head().takenAt(),
                        file.count(),
                        file.checksums().toString(),
                        file.head().whole())));
        wake.run();
    }

    /** The server's list differs. */
    synchronized void wanted(ToAgent.SnapshotsWanted wanted) {
        if (wanted.report() == report && held.isPresent()) {
            pieces = Optional.of(new SnapshotPieces(held.get(), wanted));
            sendNext();
        }
    }

    /** Number of the present report, once the server has all of it; empty until then. */
    synchronized Optional<Long> stored() {
        return complete.filter(number -> number == report && held.isPresent());
    }

    /** The server has stored a piece. */
    synchronized void stored(ToAgent.SnapshotsStored stored) {
        if (stored.complete()) {
            complete = Optional.of(stored.report());
        }
        if (stored.report() == report
                && pieces.filter(sent -> sent.number() == stored.number() && !sent.done())
                        .isPresent()) {
            sendNext();
        }
    }

    private void sendNext() {
        try {
            next = Optional.of(pieces.orElseThrow().next());
            wake.run();
        } catch (IOException e) {
            log.log(Level.WARNING, "the list of snapshots cannot be read, the next job lists them again: " + e);
            replaced(Optional.empty());
        }
    }

    /** A new connection. */
    synchronized void reconnected() {
        connected = true;
        asked = false;
        pieces = Optional.empty();
        next = Optional.empty();
    }

    /** The connection has ended. */
    synchronized void disconnected() {
        connected = false;
        asked = false;
    }

    /** The next message for the server; empty if there is none now. */
    synchronized Optional<ToServer> next() {
        var message = next;
        next = Optional.empty();
        return message;
    }
}
