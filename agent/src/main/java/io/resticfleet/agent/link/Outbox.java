package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
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
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The results that the server has not acknowledged yet, on disk and in order: one file each, named by its sequence.
 * Acknowledged ones move to the {@link Archive}.
 *
 * <p>Of limited size. If it is full, missed runs are dropped, oldest first; the next one reports how many. Dropped and
 * damaged results never count as acknowledged.
 *
 * <p>Safe for use by many threads.
 */
public final class Outbox implements MessageSource {

    static final int MAX_RESULTS = 20_000;

    private static final System.Logger log = System.getLogger(Outbox.class.getName());
    private static final String HIGHEST = "highest";
    private static final String LOST = "lost";
    private static final Pattern RESULT = Pattern.compile("(\\d{19})\\.json(\\.damaged)?");

    /** Upper bound for plausible sequences. Higher ones from the server are ignored. */
    private static final long SEQUENCE_LIMIT = 1L << 53;

    /** Maximum size of one result; frames may be twice as long. */
    private static final int MAX_BYTES = Protocol.MAX_FRAME_BYTES / 2;

    /** Maximum number of results sent but not acknowledged. */
    private static final int WINDOW = 64;

    private final StateDirectory state;
    private final Path directory;
    private final int maxResults;
    private final Archive archive;
    private final TreeMap<Long, Class<?>> kinds = new TreeMap<>();

    /** Sequences of the job ends found at the start, by job. */
    private final Map<JobId, Long> ends = new HashMap<>();

    /** Sequences of dropped or damaged results that are not reported yet. */
    private final TreeSet<Long> lost = new TreeSet<>();

    /** Acknowledged results to send again, as the server has lost them. */
    private TreeMap<Long, ToServer.Result> resend = new TreeMap<>();

    private Runnable whenResent = () -> {};
    private long last;
    private long sent;
    private long acked;
    private long dropped;
    private Runnable wake = () -> {};

    private Outbox(StateDirectory state, Path directory, int maxResults) {
        this.state = state;
        this.directory = directory;
        this.archive = Archive.open(state);
        this.maxResults = maxResults;
    }

    public static Outbox open(StateDirectory state) {
        return open(state, MAX_RESULTS);
    }

    static Outbox open(StateDirectory state, int maxResults) {
        var outbox = new Outbox(state, state.directory("outbox"), maxResults);
        outbox.load();
        state.reserve().giveUpFirst(outbox.archive::giveUp);
        return outbox;
    }

    /** @param wake called when there are results to send; must not block */
    public synchronized void onAdded(Runnable wake) {
        this.wake = wake;
    }

    /**
     * Stores a result; it is on disk when this returns.
     *
     * @param result creates it from its sequence
     * @return its sequence
     * @throws IllegalArgumentException if it is too long to be sent
     */
    public synchronized long add(LongFunction<ToServer.Result> result) {
        long sequence = last + 1;
        var message = withCount(result.apply(sequence));
        var content = Wire.encode(message).getBytes(StandardCharsets.UTF_8);
        if (content.length > MAX_BYTES) {
            log.log(
                    Level.ERROR,
                    "a result is too long to be sent and is not stored kind="
                            + message.getClass().getSimpleName() + " bytes=" + content.length);
            throw new IllegalArgumentException("a result of " + content.length + " bytes is too long");
        }
        state.write(file(sequence), content);
        last = sequence;
        kinds.put(sequence, message.getClass());
        if (message instanceof ToServer.SnapshotsReport) {
            dropOlderReports(sequence);
        }
        while (kinds.size() > maxResults && dropOldestMiss()) {
            dropped++;
        }
        wake.run();
        return sequence;
    }

    /**
     * The server has acknowledged everything up to this sequence. Does not apply to results not sent on this
     * connection.
     */
    public void acked(long sequence) {
        take(sequence).run();
    }

    /** Removes acknowledged results; returns what to do after releasing the lock. */
    private synchronized Runnable take(long sequence) {
        long upTo = Math.min(sequence, sent);
        resend.headMap(upTo, true).clear();
        acked = Math.max(acked, upTo);
        for (var done = kinds.floorKey(upTo); done != null; done = kinds.floorKey(upTo)) {
            archive.keep(done, file(done));
            kinds.remove(done);
        }
        wake.run();
        return resend.isEmpty() ? takeWhenResent() : () -> {};
    }

    private Runnable takeWhenResent() {
        var done = whenResent;
        whenResent = () -> {};
        return done;
    }

    /** The highest acknowledged sequence; 0 if there is none. */
    public synchronized long acked() {
        return acked;
    }

    /** Whether the result of this sequence is not acknowledged. */
    public synchronized boolean holds(long sequence) {
        return kinds.containsKey(sequence) || lost.contains(sequence) || sequence > acked;
    }

    /** The sequence of the end of a job that was stored before this start of the agent and is still here. */
    public synchronized Optional<Long> endStoredBefore(JobId jobId) {
        return Optional.ofNullable(ends.get(jobId));
    }

    /** Whether the result of this sequence was dropped or is damaged, so that it will never be sent. */
    public synchronized boolean lost(long sequence) {
        return holds(sequence) && !kinds.containsKey(sequence);
    }

    /** Forgets lost results, as they have been reported. */
    public synchronized void lostReported() {
        if (!lost.isEmpty()) {
            lost.clear();
            state.delete(directory.resolve(LOST));
        }
    }

    /** Whether there is room for another result without dropping one. */
    public synchronized boolean hasRoom() {
        return kinds.size() < maxResults;
    }

    /**
     * Sends acknowledged results with a higher sequence again, as the server has lost them.
     *
     * @param done called once, when the server has acknowledged them all; never if the agent stops before
     */
    synchronized void sendAgain(long after, Runnable done) {
        resend = archive.after(after);
        whenResent = done;
        if (!resend.isEmpty()) {
            log.log(
                    Level.WARNING,
                    "the server lacks results that it acknowledged, perhaps as it was restored from an older copy;"
                            + " sending them again from=" + after + " count=" + resend.size());
        }
    }

    /** Continues after a sequence that the server has, as this directory may have been restored from an older copy. */
    synchronized void continueAfter(long sequence) {
        if (sequence > last && sequence < SEQUENCE_LIMIT) {
            log.log(
                    Level.WARNING,
                    "the server has later results than this machine, numbering continues after them sequence="
                            + sequence);
            last = sequence;
        }
    }

    /** Deletes the archive, as results for one server must not reach another. */
    synchronized void forgetAcknowledged() {
        archive.giveUp();
    }

    /** Merges the archive's files and drops old ones. Called regularly. */
    public void tidy(LocalDate today) {
        archive.merge(today);
    }

    /** Whether everything has been sent on this connection. */
    @Override
    public synchronized boolean allSent() {
        return following().isEmpty();
    }

    private Optional<Long> following() {
        return Stream.of(kinds.higherKey(sent), resend.higherKey(sent))
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
    }

    @Override
    public synchronized void reconnected() {
        sent = 0;
    }

    @Override
    public synchronized Optional<ToServer> next() {
        var following = following();
        if (following.isEmpty()
                || kinds.headMap(following.get()).size()
                                + resend.headMap(following.get()).size()
                        >= WINDOW) {
            return Optional.empty();
        }
        long sequence = following.get();
        var known = Optional.<ToServer>ofNullable(resend.get(sequence));
        if (known.isPresent()) {
            sent = sequence;
            return known;
        }
        try {
            var message = read(file(sequence));
            sent = sequence;
            return Optional.of(message);
        } catch (Wire.UnreadableMessage | NoSuchFileException e) {
            setAside(sequence, e);
            return next();
        } catch (IOException e) {
            // Later ones wait, as their acknowledgement would include this one.
            log.log(Level.WARNING, "a result cannot be read now, trying again soon: " + e);
            return Optional.empty();
        }
    }

    /** Invalid UTF-8 makes the message unreadable. */
    private static ToServer read(Path file) throws IOException, Wire.UnreadableMessage {
        return Wire.decodeToServer(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    private void setAside(long sequence, Exception why) {
        log.log(Level.ERROR, "a result cannot be read and is set aside file=" + file(sequence), why);
        markLost(sequence);
        if (Files.exists(file(sequence))) {
            state.setAside(file(sequence));
        }
    }

    /** Records a result as lost, before its removal: after a crash it must not count as acknowledged. */
    private void markLost(long sequence) {
        lost.add(sequence);
        state.writeJson(directory.resolve(LOST), lost);
        kinds.remove(sequence);
    }

    private void load() {
        last = Math.max(archive.acked(), readOrSetAside(HIGHEST, Long.class).orElse(0L));
        readOrSetAside(LOST, Long[].class).ifPresent(sequences -> lost.addAll(List.of(sequences)));
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                var name = RESULT.matcher(file.getFileName().toString());
                if (name.matches()) {
                    long sequence = Long.parseLong(name.group(1));
                    last = Math.max(last, sequence);
                    if (name.group(2) == null) {
                        load(sequence);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
        // Without an archive, from an older agent: everything that is not here was acknowledged.
        acked = archive.acked() > 0 ? archive.acked() : kinds.isEmpty() ? last : kinds.firstKey() - 1;
    }

    private void load(long sequence) {
        try {
            var message = read(file(sequence));
            kinds.put(sequence, message.getClass());
            if (message instanceof ToServer.JobFinished finished) {
                ends.put(finished.jobId(), sequence);
            } else if (message instanceof ToServer.JobMissed missed) {
                ends.put(missed.jobId(), sequence);
            }
        } catch (Wire.UnreadableMessage e) {
            setAside(sequence, e);
        } catch (IOException e) {
            log.log(Level.WARNING, "a result cannot be read now, trying again: " + e);
            kinds.put(sequence, ToServer.Result.class);
        }
    }

    /** Reads a file, or sets it aside if it is damaged; the outbox works without it. */
    private <T> Optional<T> readOrSetAside(String name, Class<T> type) {
        try {
            return state.readJson(directory.resolve(name), type);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "damaged file set aside: " + e.getMessage());
            state.setAside(directory.resolve(name));
            return Optional.empty();
        }
    }

    private void dropOlderReports(long newest) {
        kinds.headMap(newest).entrySet().stream()
                .filter(entry -> entry.getValue() == ToServer.SnapshotsReport.class)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::remove);
    }

    private boolean dropOldestMiss() {
        var miss = kinds.entrySet().stream()
                .filter(entry -> entry.getValue() == ToServer.JobMissed.class)
                .map(Map.Entry::getKey)
                .findFirst();
        miss.ifPresent(sequence -> {
            markLost(sequence);
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
        var reason = missed.reason() + " (and " + dropped + " older missed runs that were dropped)";
        dropped = 0;
        return new ToServer.JobMissed(
                missed.sequence(),
                missed.jobId(),
                missed.kind(),
                missed.scheduleId(),
                missed.dueAt(),
                missed.since(),
                reason);
    }

    private void remove(long sequence) {
        state.delete(file(sequence));
        kinds.remove(sequence);
    }

    private Path file(long sequence) {
        return directory.resolve("%019d.json".formatted(sequence));
    }
}
