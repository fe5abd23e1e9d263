package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.ToAgent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The last list of the host's snapshots, on disk: a line about the list, then one for each snapshot, oldest first. Snapshots
 * that were made since are appended. Only keys and positions are in memory: a list of 100,000 snapshots has some 50 MB.
 */
final class SnapshotFile {

    private static final System.Logger log = System.getLogger(SnapshotFile.class.getName());
    private static final String NAME = "snapshots.ndjson";
    private static final Pattern ENTRY = Pattern.compile("\\{\"id\":\"([0-9a-f]{16})");

    private final Path file;
    private final Head head;
    private long[] keys = new long[64];
    private int count;

    /** Where each line begins, and, last, where the file ends. */
    private long[] offsets = new long[64];

    /**
     * What was listed.
     *
     * @param repositoryId absent from older servers
     * @param hostname restic's {@code --host}
     * @param takenAt when the listing began, by this machine's clock
     * @param whole whether it has the snapshots of all hosts
     */
    record Head(Optional<RepositoryId> repositoryId, String hostname, Instant takenAt, boolean whole) {

        static Head of(ToAgent.ConfigUpdate config, Instant takenAt) {
            return new Head(config.repositoryId(), config.hostname(), takenAt, config.whole());
        }

        boolean isOf(ToAgent.ConfigUpdate config) {
            return repositoryId.equals(config.repositoryId())
                    && hostname.equals(config.hostname())
                    && whole == config.whole();
        }
    }

    private SnapshotFile(Path file, Head head) {
        this.file = file;
        this.head = head;
    }

    /** Where the list of a repository is. */
    static Path directory(StateDirectory state, Optional<RepositoryId> repositoryId) {
        return state.directory(state.directory("snapshots")
                .resolve(repositoryId.map(RepositoryId::value).orElse("one")));
    }

    /** Moves the list of an earlier version, which has one repository only, to its repository. */
    static void adopt(StateDirectory state) {
        open(state, state.root()).ifPresent(list -> {
            var place = directory(state, list.head().repositoryId());
            try {
                Files.move(state.root().resolve(NAME), place.resolve(NAME), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                log.log(Level.WARNING, "the list of snapshots cannot be moved, the next job lists them again: " + e);
            }
        });
    }

    /** The list on disk; empty if there is none, or it is damaged. */
    static Optional<SnapshotFile> open(StateDirectory state, Path directory) {
        var file = directory.resolve(NAME);
        try {
            return Optional.of(read(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            log.log(Level.WARNING, "the list of snapshots cannot be read, the next job lists them again: " + e);
            state.delete(file);
            return Optional.empty();
        }
    }

    /**
     * Size of a snapshot's files, which restic before 0.17 does not list.
     *
     * @param bytes before compression
     */
    record Totals(long files, long bytes) {}

    /**
     * The keys of the snapshots that restic lists without totals.
     *
     * @param stdout restic's output
     * @throws IOException if that is no list of restic's
     */
    static Set<Long> withoutTotals(Path stdout) throws IOException {
        var keys = new HashSet<Long>();
        SnapshotList.read(stdout, snapshot -> {
            if (snapshot.totalFiles().isEmpty()) {
                keys.add(SnapshotChecksums.key(snapshot.id()));
            }
        });
        return keys;
    }

    /**
     * Replaces the list on disk.
     *
     * @param stdout restic's output
     * @param totals by key, of those that restic lists without
     * @throws IOException if that is no list of restic's
     */
    static void write(StateDirectory state, Path directory, Head head, Path stdout, Map<Long, Totals> totals)
            throws IOException {
        state.write(directory.resolve(NAME), out -> {
            out.write(line(head));
            SnapshotList.read(stdout, snapshot -> out.write(line(with(totals, snapshot))));
        });
    }

    private static Snapshot with(Map<Long, Totals> totals, Snapshot snapshot) {
        if (snapshot.totalFiles().isPresent() || totals.isEmpty()) {
            return snapshot;
        }
        var known = Optional.ofNullable(totals.get(SnapshotChecksums.key(snapshot.id())));
        return snapshot.withTotals(known.map(Totals::files), known.map(Totals::bytes));
    }

    /** Adds a snapshot that was made after the listing, unless it is there already. */
    void append(StateDirectory state, Snapshot snapshot) throws IOException {
        long key = SnapshotChecksums.key(snapshot.id());
        if (Arrays.stream(keys, 0, count).anyMatch(listed -> listed == key)) {
            return;
        }
        long end = offsets[count];
        var line = line(snapshot);
        state.writeEnd(file, end, line);
        add(key, end);
        offsets[count] = end + line.length;
    }

    /** The totals of the snapshots with these keys, as far as they are known. */
    Map<Long, Totals> totals(Set<Long> wanted) throws IOException {
        var found = new HashMap<Long, Totals>();
        try (var channel = Files.newByteChannel(file)) {
            for (int index = 0; index < count; index++) {
                if (wanted.contains(keys[index])) {
                    var snapshot = read(channel, index);
                    if (snapshot.totalFiles().isPresent()
                            && snapshot.totalBytes().isPresent()) {
                        found.put(
                                keys[index],
                                new Totals(
                                        snapshot.totalFiles().get(),
                                        snapshot.totalBytes().get()));
                    }
                }
            }
        }
        return found;
    }

    private static byte[] line(Object value) throws IOException {
        return (Json.LENIENT.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static SnapshotFile read(Path file) throws IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(file), 64 * 1024)) {
            var first = new ByteArrayOutputStream();
            int next = in.read();
            for (; next >= 0 && next != '\n'; next = in.read()) {
                first.write(next);
            }
            var found = new SnapshotFile(file, Json.LENIENT.readValue(first.toByteArray(), Head.class));
            long position = first.size() + 1L;
            var begin = new byte[23];
            for (int length = in.readNBytes(begin, 0, begin.length);
                    length > 0;
                    length = in.readNBytes(begin, 0, begin.length)) {
                var entry = ENTRY.matcher(new String(begin, 0, length, StandardCharsets.US_ASCII));
                if (!entry.lookingAt()) {
                    throw new IOException(file + " is damaged at " + position);
                }
                found.add(SnapshotChecksums.key(entry.group(1)), position);
                position += length;
                do {
                    next = in.read();
                    position++;
                } while (next >= 0 && next != '\n');
                if (next < 0) {
                    throw new IOException(file + " ends in a part of a line");
                }
            }
            found.offsets[found.count] = position;
            return found;
        }
    }

    private void add(long key, long position) {
        if (count + 1 == keys.length) {
            keys = Arrays.copyOf(keys, keys.length * 2);
            offsets = Arrays.copyOf(offsets, offsets.length * 2);
        }
        keys[count] = key;
        offsets[count] = position;
        count++;
    }

    Head head() {
        return head;
    }

    /** Number of snapshots. */
    int count() {
        return count;
    }

    /** The key of each snapshot. */
    long[] keys() {
        return Arrays.copyOf(keys, count);
    }

    SnapshotChecksums checksums() {
        var checksums = new SnapshotChecksums();
        for (int i = 0; i < count; i++) {
            checksums.toggle(keys[i]);
        }
        return checksums;
    }

    /** Bytes of a snapshot's line. */
    int size(int index) {
        return (int) (offsets[index + 1] - offsets[index]);
    }

    /** Reads some of the snapshots. */
    List<Snapshot> read(List<Integer> indexes) throws IOException {
        var snapshots = new ArrayList<Snapshot>(indexes.size());
        try (var channel = Files.newByteChannel(file)) {
            for (int index : indexes) {
                snapshots.add(read(channel, index));
            }
        }
        return snapshots;
    }

    private Snapshot read(SeekableByteChannel channel, int index) throws IOException {
        var line = ByteBuffer.allocate(size(index));
        channel.position(offsets[index]);
        while (line.hasRemaining() && channel.read(line) >= 0) {
            continue;
        }
        return Json.LENIENT.readValue(line.array(), 0, line.position(), Snapshot.class);
    }
}
