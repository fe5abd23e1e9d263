package io.resticfleet.agent.link;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * The results the server has not yet acknowledged, on disk, in order: one file each, named by its sequence.
 *
 * <p>Holds a bounded number. What is dropped first are misses, oldest first; how many is told with the next one.
 *
 * <p>Safe for use by many threads.
 */
public final class Outbox implements Outgoing {

    static final int MOST = 20_000;

    private static final System.Logger log = System.getLogger(Outbox.class.getName());
    private static final String HIGHEST = "highest";

    /** Of one result; the link takes frames of twice that. */
    private static final int LONGEST_BYTES = Protocol.LONGEST_FRAME_BYTES / 2;

    /** So many are sent ahead of their acknowledgement. */
    private static final int WINDOW = 64;

    private final Storage storage;
    private final Path directory;
    private final int most;
    private final TreeMap<Long, Class<?>> kinds = new TreeMap<>();
    private long last;
    private long sent;
    private long dropped;
    private Runnable wake = () -> {};

    private Outbox(Storage storage, Path directory, int most) {
        this.storage = storage;
        this.directory = directory;
        this.most = most;
    }

    public static Outbox open(Storage storage) {
        return open(storage, MOST);
    }

    static Outbox open(Storage storage, int most) {
        var outbox = new Outbox(storage, storage.directory("outbox"), most);
        outbox.load();
        return outbox;
    }

    /** @param wake called when there is something to send; must not block */
    public synchronized void onAdded(Runnable wake) {
        this.wake = wake;
    }

    /**
     * Stores a result; it is on disk when this returns.
     *
     * @param result makes it from its sequence
     * @return its sequence
     * @throws IllegalArgumentException if it is too long to be sent
     */
    public synchronized long add(LongFunction<ToServer.Result> result) {
        long sequence = last + 1;
        var message = withCount(result.apply(sequence));
        var content = Wire.encode(message).getBytes(StandardCharsets.UTF_8);
        if (content.length > LONGEST_BYTES) {
            log.log(
                    Level.ERROR,
                    "a result is too long to be sent and is not kept kind="
                            + message.getClass().getSimpleName() + " bytes=" + content.length);
            throw new IllegalArgumentException("a result of " + content.length + " bytes is too long");
        }
        storage.write(file(sequence), content);
        last = sequence;
        kinds.put(sequence, message.getClass());
        if (message instanceof ToServer.SnapshotsReport) {
            dropOlderReports(sequence);
        }
        while (kinds.size() > most && dropOldestMiss()) {
            dropped++;
        }
        wake.run();
        return sequence;
    }

    /** The server has made everything up to this sequence durable. */
    public synchronized void acked(long sequence) {
        long upTo = Math.min(sequence, last); // an ack of what was never said changes nothing
        for (var done = kinds.floorKey(upTo); done != null; done = kinds.floorKey(upTo)) {
            remove(done);
        }
        wake.run();
    }

    /** Whether the result of this sequence is still here. */
    public synchronized boolean holds(long sequence) {
        return kinds.containsKey(sequence);
    }

    public synchronized int size() {
        return kinds.size();
    }

    /** Whether everything that is here has been sent at least once. */
    @Override
    public synchronized boolean allSent() {
        return kinds.higherKey(sent) == null;
    }

    @Override
    public synchronized void reconnected() {
        sent = 0;
    }

    @Override
    public synchronized Optional<ToServer> next() {
        var sequence = kinds.higherKey(sent);
        if (sequence == null || kinds.headMap(sequence).size() >= WINDOW) {
            return Optional.empty();
        }
        try {
            var message = read(file(sequence));
            sent = sequence;
            return Optional.of(message);
        } catch (Wire.UnreadableMessage | NoSuchFileException e) {
            setAside(sequence, e);
            return next();
        } catch (IOException e) {
            // Those behind it wait: an acknowledgement of them would be taken for one of this.
            log.log(Level.WARNING, "a result cannot be read now, trying again soon: " + e);
            return Optional.empty();
        }
    }

    /** Bytes that are no text become a message that cannot be understood. */
    private static ToServer read(Path file) throws IOException, Wire.UnreadableMessage {
        return Wire.decodeToServer(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    private void setAside(long sequence, Exception why) {
        log.log(Level.ERROR, "a result cannot be read and is set aside file=" + file(sequence), why);
        kinds.remove(sequence);
        if (Files.exists(file(sequence))) {
            storage.setAside(file(sequence));
        }
    }

    private void load() {
        last = storage.readJson(directory.resolve(HIGHEST), Long.class).orElse(0L);
        try (var files = Files.newDirectoryStream(directory, "*.json")) {
            for (var file : files) {
                long sequence = Long.parseLong(file.getFileName().toString().replace(".json", ""));
                last = Math.max(last, sequence);
                try {
                    kinds.put(sequence, read(file).getClass());
                } catch (Wire.UnreadableMessage e) {
                    setAside(sequence, e);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private void dropOlderReports(long newest) {
        kinds.headMap(newest).entrySet().stream()
                .filter(entry -> entry.getValue() == ToServer.SnapshotsReport.class)
                .map(java.util.Map.Entry::getKey)
                .toList()
                .forEach(this::remove);
    }

    private boolean dropOldestMiss() {
        var miss = kinds.entrySet().stream()
                .filter(entry -> entry.getValue() == ToServer.JobMissed.class)
                .map(java.util.Map.Entry::getKey)
                .findFirst();
        miss.ifPresent(sequence -> {
            remove(sequence);
            log.log(Level.WARNING, "too many results wait for the server, dropped a missed run sequence=" + sequence);
        });
        return miss.isPresent();
    }

    private ToServer.Result withCount(ToServer.Result result) {
        if (dropped == 0 || !(result instanceof ToServer.JobMissed)) {
            return result;
        }
        var missed = (ToServer.JobMissed) result;
        var reason = missed.reason() + " (and " + dropped + " older missed runs that could not be kept)";
        dropped = 0;
        return new ToServer.JobMissed(
                missed.sequence(), missed.jobId(), missed.kind(), missed.scheduleId(), missed.dueAt(), reason);
    }

    /** A sequence is never given twice, not even after the last file is gone. */
    private void remove(long sequence) {
        if (sequence == last) {
            storage.writeJson(directory.resolve(HIGHEST), last);
        }
        storage.delete(file(sequence));
        kinds.remove(sequence);
    }

    private Path file(long sequence) {
        return directory.resolve("%019d.json".formatted(sequence));
    }
}
