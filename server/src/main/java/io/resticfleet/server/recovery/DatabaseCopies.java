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
 * The copies that the server makes of its own database, one an hour, each checked, in {@code backups/}. All of 48 hours
 * are kept, then the last of each day (in UTC) for 14 days; what others put there stays. For one thread.
 */
public final class DatabaseCopies {

    private static final Logger log = LoggerFactory.getLogger(DatabaseCopies.class);

    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration ALL_FOR = Duration.ofHours(48);
    private static final Duration DAILY_FOR = Duration.ofDays(14);

    /** Kept whatever their age: a clock that has jumped must not make all of them too old at once. */
    private static final int KEPT_ANYHOW = 24;

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
                return Optional.empty(); // not one of ours
            }
        }

        LocalDate day() {
            return LocalDate.ofInstant(at, ZoneOffset.UTC);
        }
    }

    /** When the newest copy in a server's directory was made; empty if there is none. */
    public static Optional<Instant> newest(Path dataDirectory) {
        try {
            return list(backups(dataDirectory)).stream().map(Copy::at).findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Makes a copy if the last is an hour old, and removes those that are not kept any longer. To be called often. */
    public void makeIfDue() {
        var directory = backups(db.file().toAbsolutePath().getParent());
        var now = clock.instant();
        try {
            Files.createDirectories(directory, DatabaseFile.OWNER_ONLY);
            removeHalves(directory);
            if (db.trouble().isEmpty() && !within(lastTried, now) && due(directory, now)) {
                lastTried = now; // one that fails is tried again in an hour, too
                make(directory, now);
            }
        } catch (IOException | OperatorError e) {
            log.error("no copy of the database was made: {}", e.getMessage());
            SqliteFault.cause(e)
                    .filter(cause -> cause == StorageTrouble.Cause.DAMAGED)
                    .ifPresent(damaged -> db.checkFully());
        }
    }

    private static boolean due(Path directory, Instant now) throws IOException {
        return list(directory).stream().noneMatch(copy -> within(copy.at(), now));
    }

    /** Whether something was in the last hour; what is to come was before the clock was put back. */
    private static boolean within(Instant at, Instant now) {
        return !at.isAfter(now) && at.isAfter(now.minus(EVERY));
    }

    private void make(Path directory, Instant now) throws IOException {
        long size = size(db.file());
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < 2 * size) {
            log.warn("no copy of the database was made: it has {} bytes and only {} are free", size, free);
            return;
        }
        var target = directory.resolve(PREFIX + Migrations.STAMP.format(now) + ".db");
        var half = directory.resolve(target.getFileName() + ".half");
        DatabaseFile.copy(db.file().toAbsolutePath().getParent(), half);
        Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
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
            boolean kept = i < KEPT_ANYHOW
                    || !copy.at().plus(ALL_FOR).isBefore(now)
                    || (lastOfDay && !copy.at().plus(DAILY_FOR).isBefore(now));
            if (!kept) {
                Files.deleteIfExists(copy.file());
            }
        }
    }

    /** What a crash has left of a copy, with what SQLite put beside it. */
    private static void removeHalves(Path directory) throws IOException {
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
