package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** The copies that a server makes of its own database. */
class OwnCopiesTest {

    private final FaultyConnections disk = new FaultyConnections();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    @Test
    void every_hour_a_whole_copy_is_made_that_only_its_owner_reads() throws Exception {
        server.enrol("web");

        server.maintenance().copyDatabase();

        assertThat(names()).containsExactly("hourly-20260301-120000.db");
        var copy = backups().resolve("hourly-20260301-120000.db");
        assertThat(Files.getPosixFilePermissions(copy)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(backups())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
                var rows = connection.createStatement().executeQuery("SELECT hostname FROM hosts")) {
            assertThat(rows.getString(1)).isEqualTo("web");
        }
        server.clock().advance(Duration.ofMinutes(59));
        server.maintenance().copyDatabase();
        assertThat(names()).hasSize(1);
        server.clock().advance(Duration.ofMinutes(1));
        server.maintenance().copyDatabase();
        assertThat(names()).containsExactly("hourly-20260301-120000.db", "hourly-20260301-130000.db");
    }

    @Test
    void a_server_that_starts_more_often_than_every_hour_copies_all_the_same() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.stop();
            server.start();
            server.maintenance().copyDatabase();
            server.clock().advance(Duration.ofMinutes(20));
        }

        assertThat(names()).containsExactly("hourly-20260301-120000.db", "hourly-20260301-130000.db");
    }

    @Test
    void all_of_48_hours_are_kept_then_the_last_of_each_day_for_14_days_and_what_is_not_its_own() throws Exception {
        Files.createDirectories(backups());
        for (int hours = 1; hours <= 24 * 20; hours++) {
            place("hourly-" + Migrations.STAMP.format(TestServer.START.minus(Duration.ofHours(hours))) + ".db");
        }
        var others = List.of(
                "before-upgrade-from-0006-20200101-000000.db",
                "before-restore-20200101-000000.db",
                "hourly-20200101-000000.db.mine",
                "hourly-20209999-000000.db",
                "mine.db");
        for (var name : others) {
            place(name);
        }

        server.maintenance().copyDatabase();

        var expected = new TreeSet<>(others);
        for (int hours = 0; hours <= 48; hours++) {
            expected.add("hourly-" + Migrations.STAMP.format(TestServer.START.minus(Duration.ofHours(hours))) + ".db");
        }
        var endOfDay = Instant.parse("2026-02-26T23:00:00Z"); // those after it are among the 48 hours
        for (int days = 0; days < 12; days++) {
            expected.add("hourly-" + Migrations.STAMP.format(endOfDay.minus(Duration.ofDays(days))) + ".db");
        }
        expected.removeIf(name -> name.compareTo("hourly-20260215-120000.db") < 0 && name.startsWith("hourly-202602"));
        assertThat(names()).containsExactlyElementsOf(expected);
    }

    @Test
    void a_clock_that_jumps_a_year_ahead_does_not_take_the_copies_away() throws Exception {
        for (int hours = 0; hours < 3; hours++) {
            server.maintenance().copyDatabase();
            server.clock().advance(Duration.ofHours(1));
        }
        server.clock().advance(Duration.ofDays(365));

        server.maintenance().copyDatabase();

        assertThat(names()).hasSize(4);
        server.clock().set(TestServer.START.plus(Duration.ofHours(4)));
        server.maintenance().copyDatabase();
        assertThat(names()).hasSize(5);
    }

    @Test
    void half_a_copy_that_a_crash_left_is_removed() throws Exception {
        Files.createDirectories(backups());
        place("hourly-20260301-110000.db.half");
        place("hourly-20260301-110000.db.half-journal");

        server.maintenance().copyDatabase();

        assertThat(names()).containsExactly("hourly-20260301-120000.db");
    }

    @Test
    void in_trouble_there_are_no_copies() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_READONLY);
        server.api().post("/api/enrollment-tokens", Map.of("repository", Samples.repository(Samples.URL)));

        server.maintenance().copyDatabase();
        assertThat(names()).isEmpty();

        disk.mend();
        server.maintenance().probeStorage();
        server.maintenance().copyDatabase();
        assertThat(names()).hasSize(1);
    }

    @Test
    void the_settings_page_shows_when_the_last_was_made() throws Exception {
        var anna = PageClient.signedIn(server);
        assertThat(anna.open("/settings").text("#database")).contains("Not copied yet");

        server.maintenance().copyDatabase();

        var database = anna.open("/settings").only("#database");
        assertThat(database.text()).contains("Last copied");
        assertThat(database.expectFirst("time").attr("datetime")).isEqualTo("2026-03-01T12:00:00Z");
    }

    private void place(String name) throws IOException {
        Files.writeString(backups().resolve(name), "");
    }

    private Path backups() {
        return server.directory().resolve("backups");
    }

    private List<String> names() throws IOException {
        if (!Files.exists(backups())) {
            return List.of();
        }
        try (var files = Files.list(backups())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
