package io.resticfleet.agent.link;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The results of the last 30 days that the server has acknowledged, for one that is restored from an older database and
 * has lost them. Bounded in bytes, and the first to go when the disk is full.
 *
 * <p>A result comes in by having its file moved here, which is atomic and costs no flush; from time to time the files are
 * folded into one a day. The file of the newest result always stays: its name is how it is known what was acknowledged.
 *
 * <p>Safe for use by many threads.
 */
final class Archive {

    /** Files that are not yet folded. */
    private static final int MOST_LOOSE = 256;

    private static final int DAYS = 30;
    private static final long MOST_BYTES = 16L * 1024 * 1024;
    private static final long LARGE_BYTES = 1024 * 1024;
    private static final String LOOSE = ".json";
    private static final String FOLDED = ".ndjson";

    private static final System.Logger log = System.getLogger(Archive.class.getName());

    private final Path directory;
    private final TreeMap<Long, Path> loose = new TreeMap<>();

    /** By the first sequence in them; a name is that and the day, such as {@code 0000000000000000042-2026-03-01}. */
    private final TreeMap<Long, Path> folded = new TreeMap<>();

    private Archive(Path directory) {
        this.directory = directory;
    }

    static Archive open(StateDirectory state) {
        var archive = new Archive(state.directory("archive"));
        archive.load();
        return archive;
    }

    /** The highest sequence that was acknowledged, as far as is known here; 0 if nothing was. */
    synchronized long acked() {
        return loose.isEmpty() ? 0 : loose.lastKey();
    }

    /** Takes a result's file over. */
    synchronized void keep(long sequence, Path file) {
        try {
            loose.put(sequence, move(file));
        } catch (IOException e) {
            if (!giveUp()) {
                throw new UncheckedIOException("cannot move " + file + " to " + directory, e);
            }
            keep(sequence, file);
        }
    }

    /** What is kept from after a sequence on, by sequence. What cannot be read is left out. */
    synchronized TreeMap<Long, ToServer.Result> after(long sequence) {
        var files = new ArrayList<>(folded.values());
        files.addAll(loose.values());
        var results = read(files);
        results.headMap(sequence, true).clear();
        return results;
    }

    /** Folds what has come in since the last time if it is much, or of another day, and drops what is too old. */
    synchronized void fold(LocalDate today) {
        if (loose.size() <= 2 || (loose.size() < MOST_LOOSE && isOf(today))) {
            return; // the newest result stays, and perhaps a list of snapshots
        }
        try {
            foldInto(today);
            prune();
        } catch (IOException e) {
            log.log(Level.WARNING, "cannot fold the results that were acknowledged: " + e);
        }
    }

    /**
     * Forgets all but which result was acknowledged last.
     *
     * @return whether that made room
     */
    synchronized boolean giveUp() {
        var files = new ArrayList<>(folded.values());
        if (!loose.isEmpty()) {
            files.addAll(loose.headMap(loose.lastKey()).values());
        }
        var deleted = files.stream().filter(Archive::delete).count();
        folded.clear();
        if (!loose.isEmpty()) {
            loose.headMap(loose.lastKey()).clear();
        }
        if (deleted > 0) {
            log.log(
                    Level.WARNING,
                    "gave up the results that the server has acknowledged: one restored from an older copy cannot get"
                            + " them again");
        }
        return deleted > 0;
    }

    private Path move(Path file) throws IOException {
        return Files.move(file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean isOf(LocalDate today) {
        return !folded.isEmpty() && name(folded.lastEntry().getValue()).endsWith(today + FOLDED);
    }

    private void foldInto(LocalDate today) throws IOException {
        var results = read(loose.headMap(loose.lastKey()).values());
        var newestList = loose.keySet().stream()
                .filter(sequence -> results.get(sequence) instanceof ToServer.SnapshotsReport)
                .reduce((first, second) -> second);
        var text = new StringBuilder();
        results.values().stream()
                .filter(result -> !(result instanceof ToServer.SnapshotsReport)) // the newest list says it all
                .forEach(result -> text.append(Wire.encode(result)).append('\n'));
        if (text.length() > 0) {
            append(target(today), text.toString());
        }
        for (var sequence : List.copyOf(loose.headMap(loose.lastKey()).keySet())) {
            if (newestList.filter(sequence::equals).isEmpty()) {
                Files.deleteIfExists(loose.remove(sequence));
            }
        }
    }

    private static TreeMap<Long, ToServer.Result> read(Collection<Path> files) {
        var results = new TreeMap<Long, ToServer.Result>();
        files.forEach(file -> lines(file).forEach(line -> read(line, results)));
        return results;
    }

    private Path target(LocalDate today) throws IOException {
        if (isOf(today) && Files.size(folded.lastEntry().getValue()) < LARGE_BYTES) {
            return folded.lastEntry().getValue();
        }
        var first = loose.firstKey();
        return folded.computeIfAbsent(
                first, sequence -> directory.resolve("%019d-%s%s".formatted(sequence, today, FOLDED)));
    }

    /** On disk when it returns, its name included: what it was folded from is deleted then. */
    private static void append(Path file, String text) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel = FileChannel.open(file, options, mode)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        try (var directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Days are counted, not subtracted: a clock that was wrong once must not throw all away. */
    private void prune() throws IOException {
        var days = new HashSet<String>();
        long bytes = 0;
        for (var entry : List.copyOf(folded.descendingMap().entrySet())) {
            days.add(name(entry.getValue()).substring(20));
            bytes += Files.size(entry.getValue());
            if (days.size() > DAYS + 1 || bytes > MOST_BYTES) {
                Files.deleteIfExists(entry.getValue());
                folded.remove(entry.getKey());
            }
        }
    }

    private void load() {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                var name = name(file);
                if (name.matches("\\d{19}" + LOOSE)) {
                    loose.put(sequence(name), file);
                } else if (name.matches("\\d{19}-.*" + FOLDED)) {
                    folded.put(sequence(name), file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            log.log(Level.WARNING, "an acknowledged result cannot be read any more: " + e);
            return List.of();
        }
    }

    private static void read(String line, TreeMap<Long, ToServer.Result> results) {
        try {
            if (Wire.decodeToServer(line) instanceof ToServer.Result result) {
                results.put(result.sequence(), result);
            }
        } catch (Wire.UnreadableMessage e) {
            log.log(Level.WARNING, "an acknowledged result is damaged: " + e.getMessage());
        }
    }

    private static boolean delete(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }

    private static long sequence(String name) {
        return Long.parseLong(name.substring(0, 19));
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
