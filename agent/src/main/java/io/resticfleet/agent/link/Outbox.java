package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
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
 * The results the server has not yet acknowledged, on disk, in order: one file each, named by its sequence. Those it has
 * acknowledged go to the {@link Archive}.
 *
 * <p>Holds a bounded number. What is dropped first are misses, oldest first; how many is told with the next one. What was
 * dropped, or is damaged, never counts as acknowledged.
 *
 * <p>Safe for use by many threads.
 */
public final class Outbox implements MessageSource {

    static final int MOST = 20_000;

    private static final System.Logger log = System.getLogger(Outbox.class.getName());
    private static final String HIGHEST = "highest";
    private static final String LOST = "lost";
    private static final Pattern RESULT = Pattern.compile("(\\d{19})\\.json(\\.damaged)?");

    /** No agent has told so many; whoever says he has more is not to be believed. */
    private static final long ABSURD = 1L << 53;

    /** Of one result; the link takes frames of twice that. */
    private static final int LONGEST_BYTES = Protocol.MAX_FRAME_BYTES / 2;

    /** So many are sent ahead of their acknowledgement. */
    private static final int WINDOW = 64;

    private final StateDirectory state;
    private final Path directory;
    private final int most;
    private final Archive archive;
    private final TreeMap<Long, Class<?>> kinds = new TreeMap<>();

    /** By job, the ends that were found here at the start. */
    private final Map<String, Long> ends = new HashMap<>();

    /** Dropped or damaged, and not yet made up for. */
    private final TreeSet<Long> lost = new TreeSet<>();

    /** Acknowledged once, and to be sent again to a server that has lost them. */
    private TreeMap<Long, ToServer.Result> again = new TreeMap<>();

    private Runnable whenToldAgain = () -> {};
    private long last;
    private long sent;
    private long acked;
    private long dropped;
    private Runnable wake = () -> {};

    private Outbox(StateDirectory state, Path directory, int most) {
        this.state = state;
        this.directory = directory;
        this.archive = Archive.open(state);
        this.most = most;
    }

    public static Outbox open(StateDirectory state) {
        return open(state, MOST);
    }

    static Outbox open(StateDirectory state, int most) {
        var outbox = new Outbox(state, state.directory("outbox"), most);
        outbox.load();
        state.reserve().giveUpFirst(outbox.archive::giveUp);
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
        state.write(file(sequence), content);
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

    /** The server has made everything up to this sequence durable. What was not sent on this connection is not meant. */
    public void acked(long sequence) {
        take(sequence).run();
    }

    /** Returns what is to be done once nothing here is locked any more. */
    private synchronized Runnable take(long sequence) {
        long upTo = Math.min(sequence, sent);
        again.headMap(upTo, true).clear();
        acked = Math.max(acked, upTo);
        for (var done = kinds.floorKey(upTo); done != null; done = kinds.floorKey(upTo)) {
            archive.keep(done, file(done));
            kinds.remove(done);
        }
        wake.run();
        return again.isEmpty() ? toldAgain() : () -> {};
    }

    private Runnable toldAgain() {
        var done = whenToldAgain;
        whenToldAgain = () -> {};
        return done;
    }

    /** The highest sequence of which the server has said that it is durable; 0 if there is none. */
    public synchronized long acked() {
        return acked;
    }

    /** Whether the server is not known to have the result of this sequence. */
    public synchronized boolean holds(long sequence) {
        return kinds.containsKey(sequence) || lost.contains(sequence) || sequence > acked;
    }

    /** The sequence of the end of a job that was told before the agent was started; empty if none waits here. */
    public synchronized Optional<Long> toldBefore(String jobId) {
        return Optional.ofNullable(ends.get(jobId));
    }

    /** Whether the result of this sequence was dropped or is damaged, and will never be sent. */
    public synchronized boolean lost(long sequence) {
        return holds(sequence) && !kinds.containsKey(sequence);
    }

    /** What was lost has been made up for. */
    public synchronized void madeUp() {
        if (!lost.isEmpty()) {
            lost.clear();
            state.delete(directory.resolve(LOST));
        }
    }

    /** Whether another result can be kept without dropping one. */
    public synchronized boolean hasRoom() {
        return kinds.size() < most;
    }

    /**
     * Sends again what was acknowledged with a higher sequence than this, as the server has lost it.
     *
     * @param done called once, when the server has acknowledged it all; never if the agent ends before
     */
    synchronized void sendAgain(long after, Runnable done) {
        again = archive.after(after);
        whenToldAgain = done;
        if (!again.isEmpty()) {
            log.log(
                    Level.WARNING,
                    "the server lacks results that it has acknowledged, perhaps it was restored from an older copy; they"
                            + " are sent again from=" + after + " count=" + again.size());
        }
    }

    /** The server has results up to this sequence: this directory may have been restored from an older copy. */
    synchronized void goPast(long sequence) {
        if (sequence > last && sequence < ABSURD) {
            log.log(Level.WARNING, "results are numbered on from what the server has sequence=" + sequence);
            last = sequence;
        }
    }

    /** Another server knows nothing of what this one was told. */
    synchronized void forgetAcknowledged() {
        archive.giveUp();
    }

    /** Puts what was acknowledged together, and drops what is too old. To be called from time to time. */
    public void tidy(LocalDate today) {
        archive.fold(today);
    }

    /** Whether everything that is here has been sent at least once. */
    @Override
    public synchronized boolean allSent() {
        return following().isEmpty();
    }

    private Optional<Long> following() {
        return Stream.of(kinds.higherKey(sent), again.higherKey(sent))
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
                                + again.headMap(following.get()).size()
                        >= WINDOW) {
            return Optional.empty();
        }
        long sequence = following.get();
        var known = Optional.<ToServer>ofNullable(again.get(sequence));
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
        lose(sequence);
        if (Files.exists(file(sequence))) {
            state.setAside(file(sequence));
        }
    }

    /** Written down first: it must not be taken for acknowledged after a crash. */
    private void lose(long sequence) {
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
        // Of an agent that kept no archive: all that is not here was acknowledged.
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

    /** What is damaged here can be done without. */
    private <T> Optional<T> readOrSetAside(String name, Class<T> type) {
        try {
            return state.readJson(directory.resolve(name), type);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "set aside: " + e.getMessage());
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
            lose(sequence);
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
