package io.resticfleet.server.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Migrates a database to the current schema; no other code changes the schema.
 *
 * <p>Each migration is one transaction: a crash leaves the old schema or the new one. Before the first, a database that
 * is not empty is copied to {@code backups/} beside it, and the copy is verified.
 */
public final class Migrations {

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);

    private static final String LOCATION = "classpath:io/resticfleet/migrations";

    public static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Path file;
    private final InstantSource clock;
    private final Callback[] callbacks;

    public Migrations(Path file, InstantSource clock) {
        this(file, clock, new Callback[0]);
    }

    /** @param callbacks called at each step; for tests, which inspect what a crash would leave */
    Migrations(Path file, InstantSource clock, Callback... callbacks) {
        this.file = file;
        this.clock = clock;
        this.callbacks = callbacks.clone();
    }

    /** @throws OperatorError if the database is newer than this program, damaged, or a migration fails */
    public void run() {
        to(MigrationVersion.LATEST);
    }

    /**
     * Whether there is nothing to migrate.
     *
     * @throws OperatorError if it is not a database of this program, or newer than this program
     */
    public boolean isCurrent() {
        var info = info(flyway(MigrationVersion.LATEST));
        refuseNewer(info);
        if (info.applied().length == 0) {
            throw new OperatorError(file + " is not a database of restic-fleet");
        }
        return info.pending().length == 0;
    }

    private MigrationInfoService info(Flyway flyway) {
        try {
            return flyway.info();
        } catch (FlywayException e) {
            throw new OperatorError(unusable(e), e);
        }
    }

    /** Does not report a failing disk as a damaged database, which an operator might overwrite with an older copy. */
    private String unusable(FlywayException e) {
        if (SqliteFault.isOfLibrary(e)) {
            return "SQLite's library cannot be loaded from " + libraries() + "; that directory may be full, or mounted"
                    + " noexec: name another with JAVA_TOOL_OPTIONS=-Dorg.sqlite.tmpdir=DIRECTORY in the environment";
        }
        return SqliteFault.cause(e)
                .filter(cause -> cause != StorageTrouble.Cause.DAMAGED)
                .map(cause -> file
                        + " cannot be opened, though it may be intact; check its disk and permissions, and start"
                        + " again: " + SqliteFault.message(e))
                .orElseGet(() -> file + " is not a database of restic-fleet, or is damaged: "
                        + e.getMessage().lines().findFirst().orElse(""));
    }

    /** Directory to which the driver unpacks SQLite's library. */
    private static String libraries() {
        return System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"));
    }

    /** For tests of upgrades: stops at a version such as {@code 0006}. */
    public void to(MigrationVersion target) {
        var flyway = flyway(target);
        var info = info(flyway);
        var current = Optional.ofNullable(info.current()).map(migration -> migration.getVersion());
        refuseNewer(info);
        if (info.pending().length == 0) {
            return;
        }
        current.ifPresent(version -> copyBefore(version));
        try {
            flyway.migrate();
        } catch (FlywayException e) {
            throw new OperatorError(
                    "the database " + file + " could not be upgraded and is unchanged: " + e.getMessage(), e);
        }
        check(file);
        log.info(
                "database upgraded version={} migrations={}",
                info.pending()[info.pending().length - 1].getVersion(),
                info.pending().length);
    }

    private void refuseNewer(MigrationInfoService info) {
        Stream.of(info.applied())
                .filter(migration -> !migration.getState().isResolved())
                .findFirst()
                .ifPresent(unknown -> {
                    throw new OperatorError("the database " + file + " has schema version " + unknown.getVersion()
                            + ", which is newer than this program; run the version that wrote it, or a newer one");
                });
    }

    private Flyway flyway(MigrationVersion target) {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(false); // so that rebuilding a table cannot cascade; checked afterwards instead
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return Flyway.configure()
                .dataSource(source)
                .locations(LOCATION)
                .target(target)
                .callbacks(callbacks)
                .placeholderReplacement(false)
                .validateMigrationNaming(true)
                .load();
    }

    private void copyBefore(MigrationVersion version) {
        try {
            var directory = DatabaseFile.backups(file.toAbsolutePath().getParent());
            var copy =
                    directory.resolve("before-upgrade-from-%s-%s.db".formatted(version, STAMP.format(clock.instant())));
            var half = directory.resolve(copy.getFileName() + ".half");
            Files.deleteIfExists(half); // left by a crash within the same second
            DatabaseFile.copyFile(file, half);
            Files.move(half, copy, StandardCopyOption.ATOMIC_MOVE);
            log.info("database copied before upgrade copy={} version={}", copy, version);
        } catch (IOException | OperatorError e) {
            throw new OperatorError(
                    "the database could not be copied before its upgrade, so it was not upgraded: " + e.getMessage(),
                    e);
        }
    }

    /**
     * Checks a whole database for damage.
     *
     * @throws OperatorError if it is damaged, or cannot be read
     */
    public static void check(Path database) {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            var integrity = firstRow(connection, "PRAGMA integrity_check");
            if (!integrity.equals(Optional.of("ok"))) {
                throw new OperatorError("the database " + database + " is damaged: " + integrity.orElse("it is empty"));
            }
            var orphan = firstRow(connection, "PRAGMA foreign_key_check");
            if (orphan.isPresent()) {
                throw new OperatorError(
                        "the database " + database + " violates a foreign key in table " + orphan.get());
            }
        } catch (SQLException e) {
            var damaged = SqliteFault.cause(e).filter(cause -> cause == StorageTrouble.Cause.DAMAGED);
            throw new OperatorError(
                    "the database " + database + (damaged.isPresent() ? " is damaged: " : " cannot be read: ")
                            + e.getMessage(),
                    e);
        }
    }

    private static Optional<String> firstRow(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }
}
