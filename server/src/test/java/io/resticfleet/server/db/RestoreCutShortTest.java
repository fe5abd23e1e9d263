package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a restore leaves that is killed between two of its steps. */
class RestoreCutShortTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path data;
    private Path copy;

    /** The steps, each after those before it. */
    private enum Done {
        HALF_TAKEN_IN,
        TAKEN_IN,
        HALF_SET_ASIDE,
        SET_ASIDE,
        LOG_REMOVED
    }

    @BeforeEach
    void prepare() throws IOException {
        data = directory.resolve("data");
        copy = directory.resolve("copy.db");
        var other = directory.resolve("other");
        try (var db = Database.open(other, () -> NOW)) {
            add(db, "from the copy");
        }
        DatabaseFile.copy(other, copy);
        try (var db = Database.open(data, () -> NOW)) {
            add(db, "from before");
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_was_there_is_there_still_and_the_restore_can_be_done_again(Done done) throws Exception {
        var incoming = data.resolve("restic-fleet.db.restoring");
        var aside = data.resolve("backups/before-restore-20260301-120000.db");
        put(copy, incoming, done == Done.HALF_TAKEN_IN ? Part.HALF : Part.ALL);
        Files.writeString(data.resolve("restic-fleet.db.restoring-wal"), "left");
        if (done.compareTo(Done.HALF_SET_ASIDE) >= 0) {
            Files.createDirectories(aside.getParent());
            put(DatabaseFile.in(data), aside, done == Done.HALF_SET_ASIDE ? Part.HALF : Part.ALL);
        }
        if (done == Done.LOG_REMOVED) {
            Files.deleteIfExists(data.resolve("restic-fleet.db-wal"));
            Files.deleteIfExists(data.resolve("restic-fleet.db-shm"));
        }
        try (var db = Database.open(data, () -> NOW)) {
            assertThat(users(db)).containsExactly("from before");
        }

        assertThat(TestServer.restore(data, copy, () -> NOW).aside()).contains(aside);

        try (var db = Database.open(data, () -> NOW)) {
            assertThat(users(db)).containsExactly("from the copy");
        }
        assertThat(incoming).doesNotExist();
        var kept = Files.createDirectories(directory.resolve("kept"));
        Files.copy(aside, DatabaseFile.in(kept));
        try (var db = Database.open(kept, () -> NOW)) {
            assertThat(users(db)).containsExactly("from before");
        }
    }

    private enum Part {
        HALF,
        ALL
    }

    private static void put(Path from, Path to, Part part) throws IOException {
        var bytes = Files.readAllBytes(from);
        Files.write(to, part == Part.HALF ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
    }

    private static void add(Database db, String name) {
        db.change(tx -> tx.execute("INSERT INTO users VALUES (?, ?, 0)", name, name));
    }

    private static List<String> users(Database db) {
        return db.read(handle -> handle.createQuery("SELECT username FROM users")
                .mapTo(String.class)
                .list());
    }
}
