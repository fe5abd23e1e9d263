package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a database that is written to all the time. */
class CopyUnderLoadTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    @Test
    void a_copy_is_whole_and_holds_all_that_was_written_before_it_began() throws Exception {
        try (var db = Database.open(directory.resolve("data"), () -> NOW)) {
            var written = new AtomicInteger();
            var enough = new AtomicBoolean();
            var writer = CompletableFuture.runAsync(() -> {
                while (!enough.get()) {
                    db.change(tx -> tx.execute("INSERT INTO users VALUES (?, ?, 1)", db.newId(), db.newId()));
                    written.incrementAndGet();
                }
            });
            try {
                for (int i = 0; i < 10; i++) {
                    int before = written.get();
                    var copy = directory.resolve(i + ".db");

                    DatabaseFile.copy(directory.resolve("data"), copy);

                    assertThat(users(copy)).isBetween(before, written.get() + 1);
                }
            } finally {
                enough.set(true);
                writer.join();
            }
            assertThat(written.get()).isPositive();
        }
    }

    private static int users(Path copy) throws SQLException {
        Migrations.check(copy);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
                var rows = connection.createStatement().executeQuery("SELECT count(*) FROM users")) {
            return rows.getInt(1);
        }
    }
}
