package io.resticfleet.server.recovery;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.Migrations;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.db.SqliteFault;
import io.resticfleet.server.db.StorageTrouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hourly, verified copies of the database in {@code backups/}. All copies of the last 48 hours are kept, then the last
 * of each day (UTC) for 14 days. Other files in the directory are left alone. Not thread-safe.
 */
public final class DatabaseCopies {

    private static final Logger log = LoggerFactory.getLogger(DatabaseCopies.class);

    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration KEEP_ALL = Duration.ofHours(48);
    private static final Duration KEEP_DAILY = Duration.ofDays(14);

    /** Number of newest copies kept at any age: a clock set forward must not expire all of them at once. */
    private static final int KEEP_LAST = 24;

    private static final String PREFIX = "hourly-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{8}-[0-9]{6})\\.db");

    private final Database db;
    private final InstantSource clock;
    private Instant lastTried = Instant.MIN;

    public DatabaseCopies(Database db, InstantSource clock) {
        this.db = db;
        this.clock = clock;
    }

    private record Copy(Path file, Instant at) {

        static Optional<Copy> of(Path file) {
            var name = NAME.matcher(file.getFileName().toString());
            try {
                return name.matches()
                        ? Optional.of(new Copy(file, Migrations.STAMP.parse(name.group(1), Instant::from)))
                        : Optional.empty();
            } catch (DateTimeParseException e) {
                return Optional.empty(); // not made by this class
            }
        }

        LocalDate day() {
            return LocalDate.ofInstant(at, ZoneOffset.UTC);
        }
    }

    /** Time of the newest copy in a data directory; empty if there is none. */
    public static Optional<Instant> newest(Path dataDirectory) {
        try {
            return list(backups(dataDirectory)).stream().map(Copy::at).findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** As {@link #newest(Path)}, without copies from before the clock was set back, whose times are still to come. */
    public static Optional<Instant> newest(Path dataDirectory, Instant now) {
        try {
            return list(backups(dataDirectory)).stream()
                    .map(Copy::at)
                    .filter(at -> !at.isAfter(now))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Makes a copy if the last one is an hour old, then deletes expired ones. To be called often. */
    public void makeIfDue() {
        var directory = backups(db.file().toAbsolutePath().getParent());
        var now = clock.instant();
        try {
            DatabaseFile.backups(directory.getParent());
            removePartial(directory);
            if (db.trouble().isEmpty() && !within(lastTried, now) && due(directory, now)) {
                lastTried = now; // after a failure, too, the next attempt is in an hour
                make(directory, now);
            }
        } catch (IOException | OperatorError e) {
            log.error("the database could not be copied: {}", e.getMessage());
            SqliteFault.cause(e)
                    .filter(cause -> cause == StorageTrouble.Cause.DAMAGED)
                    .ifPresent(damaged -> db.checkFully());
        }
    }

    private static boolean due(Path directory, Instant now) throws IOException {
        return list(directory).stream().noneMatch(copy -> within(copy.at(), now));
    }

    /** Whether a time is within the last hour. A time in the future is from before the clock was set back. */
    private static boolean within(Instant at, Instant now) {
        return !at.isAfter(now) && at.isAfter(now.minus(INTERVAL));
    }

    private void make(Path directory, Instant now) throws IOException {
        long size = size(db.file());
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < 2 * size) {
            log.warn("the database was not copied: it has {} bytes, and only {} bytes are free", size, free);
            return;
        }
        var target = directory.resolve(PREFIX + Migrations.STAMP.format(now) + ".db");
        var partial = directory.resolve(target.getFileName() + ".half");
        DatabaseFile.copy(db.file().toAbsolutePath().getParent(), partial);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        try (var flushed = FileChannel.open(directory, StandardOpenOption.READ)) {
            flushed.force(true);
        }
        expire(directory, now);
    }

    private static long size(Path database) throws IOException {
        var wal = database.resolveSibling(database.getFileName() + "-wal");
        return Files.size(database) + (Files.exists(wal) ? Files.size(wal) : 0);
    }

    private static void expire(Path directory, Instant now) throws IOException {
        var days = new HashSet<LocalDate>();
        var copies = list(directory);
        for (int i = 0; i < copies.size(); i++) {
            var copy = copies.get(i);
            boolean lastOfDay = days.add(copy.day());
            boolean kept = i < KEEP_LAST
                    || !copy.at().plus(KEEP_ALL).isBefore(now)
                    || (lastOfDay && !copy.at().plus(KEEP_DAILY).isBefore(now));
            if (!kept) {
                Files.deleteIfExists(copy.file());
            }
        }
    }

    /** Deletes copies that a crash left incomplete, with SQLite's files beside them. */
    private static void removePartial(Path directory) throws IOException {
        for (var file : files(directory, name -> name.contains(".db.half"))) {
            Files.deleteIfExists(file);
        }
    }

    /** Newest first. */
    private static List<Copy> list(Path directory) throws IOException {
        var copies = new ArrayList<Copy>();
        files(directory, name -> true).forEach(file -> Copy.of(file).ifPresent(copies::add));
        copies.sort(Comparator.comparing(Copy::at).reversed());
        return copies;
    }

    private static List<Path> files(Path directory, Predicate<String> wanted) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.filter(file -> wanted.test(file.getFileName().toString()))
                    .toList();
        }
    }

    private static Path backups(Path dataDirectory) {
        return dataDirectory.resolve("backups");
    }
}
