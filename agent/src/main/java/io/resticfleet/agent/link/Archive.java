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
 * The acknowledged results of the last 30 days, for a server that is restored from an older copy and has lost them. Of
 * limited size, and deleted first when the disk is full.
 *
 * <p>The file of an acknowledged result is moved here, which is atomic and needs no flush. Later the files are merged
 * into one per day. The file of the newest result always stays: its name records the last acknowledged sequence.
 *
 * <p>Safe for use by many threads.
 */
final class Archive {

    /** Files that are not merged yet. */
    private static final int MAX_SINGLE = 256;

    private static final int DAYS = 30;
    private static final long MAX_BYTES = 16L * 1024 * 1024;
    private static final long LARGE_BYTES = 1024 * 1024;
    private static final String SINGLE = ".json";
    private static final String MERGED = ".ndjson";

    private static final System.Logger log = System.getLogger(Archive.class.getName());

    private final Path directory;
    private final TreeMap<Long, Path> single = new TreeMap<>();

    /**
     * Merged files by their first sequence, named by it and the day, such as {@code 0000000000000000042-2026-03-01}.
     */
    private final TreeMap<Long, Path> merged = new TreeMap<>();

    private Archive(Path directory) {
        this.directory = directory;
    }

    static Archive open(StateDirectory state) {
        var archive = new Archive(state.directory("archive"));
        archive.load();
        return archive;
    }

    /** The highest acknowledged sequence that is recorded here; 0 if there is none. */
    synchronized long acked() {
        return single.isEmpty() ? 0 : single.lastKey();
    }

    /** Moves the file of an acknowledged result here. */
    synchronized void keep(long sequence, Path file) {
        try {
            single.put(sequence, move(file));
        } catch (IOException e) {
            if (!giveUp()) {
                throw new UncheckedIOException("cannot move " + file + " to " + directory, e);
            }
            keep(sequence, file);
        }
    }

    /** The results after a sequence, by sequence, without unreadable ones. */
    synchronized TreeMap<Long, ToServer.Result> after(long sequence) {
        var files = new ArrayList<>(merged.values());
        files.addAll(single.values());
        var results = read(files);
        results.headMap(sequence, true).clear();
        return results;
    }

    /**
     * Merges the files of single results if there are many, or the day has changed, and drops those that are too old.
     */
    synchronized void merge(LocalDate today) {
        if (single.size() <= 2 || (single.size() < MAX_SINGLE && isOf(today))) {
            return; // the newest result stays, and possibly a list of snapshots
        }
        try {
            mergeInto(today);
            prune();
        } catch (IOException e) {
            log.log(Level.WARNING, "cannot merge acknowledged results into a file per day: " + e);
        }
    }

    /**
     * Deletes everything but the record of the last acknowledged sequence.
     *
     * @return whether that freed disk space
     */
    synchronized boolean giveUp() {
        var files = new ArrayList<>(merged.values());
        if (!single.isEmpty()) {
            files.addAll(single.headMap(single.lastKey()).values());
        }
        var deleted = files.stream().filter(Archive::delete).count();
        merged.clear();
        if (!single.isEmpty()) {
            single.headMap(single.lastKey()).clear();
        }
        if (deleted > 0) {
            log.log(
                    Level.WARNING,
                    "deleted the archive of acknowledged results: a server restored from an older copy cannot get them"
                            + " again");
        }
        return deleted > 0;
    }

    private Path move(Path file) throws IOException {
        return Files.move(file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean isOf(LocalDate today) {
        return !merged.isEmpty() && name(merged.lastEntry().getValue()).endsWith(today + MERGED);
    }

    private void mergeInto(LocalDate today) throws IOException {
        var results = read(single.headMap(single.lastKey()).values());
        var newestList = single.keySet().stream()
                .filter(sequence -> results.get(sequence) instanceof ToServer.SnapshotsReport)
                .reduce((first, second) -> second);
        var text = new StringBuilder();
        results.values().stream()
                .filter(result -> !(result instanceof ToServer.SnapshotsReport)) // only the newest list matters
                .forEach(result -> text.append(Wire.encode(result)).append('\n'));
        if (text.length() > 0) {
            append(target(today), text.toString());
        }
        for (var sequence : List.copyOf(single.headMap(single.lastKey()).keySet())) {
            if (newestList.filter(sequence::equals).isEmpty()) {
                Files.deleteIfExists(single.remove(sequence));
            }
        }
    }

    private static TreeMap<Long, ToServer.Result> read(Collection<Path> files) {
        var results = new TreeMap<Long, ToServer.Result>();
        files.forEach(file -> lines(file).forEach(line -> read(line, results)));
        return results;
    }

    private Path target(LocalDate today) throws IOException {
        if (isOf(today) && Files.size(merged.lastEntry().getValue()) < LARGE_BYTES) {
            return merged.lastEntry().getValue();
        }
        var first = single.firstKey();
        return merged.computeIfAbsent(
                first, sequence -> directory.resolve("%019d-%s%s".formatted(sequence, today, MERGED)));
    }

    /** Flushes the file and its name to disk, as its sources are deleted next. */
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

    /** Deletes old files. Counts days instead of subtracting dates, so that a wrong clock cannot delete everything. */
    private void prune() throws IOException {
        var days = new HashSet<String>();
        long bytes = 0;
        for (var entry : List.copyOf(merged.descendingMap().entrySet())) {
            days.add(name(entry.getValue()).substring(20));
            bytes += Files.size(entry.getValue());
            if (days.size() > DAYS + 1 || bytes > MAX_BYTES) {
                Files.deleteIfExists(entry.getValue());
                merged.remove(entry.getKey());
            }
        }
    }

    private void load() {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                var name = name(file);
                if (name.matches("\\d{19}" + SINGLE)) {
                    single.put(sequence(name), file);
                } else if (name.matches("\\d{19}-.*" + MERGED)) {
                    merged.put(sequence(name), file);
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
