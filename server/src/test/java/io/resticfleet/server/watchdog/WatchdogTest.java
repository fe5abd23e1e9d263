package io.resticfleet.server.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.StubService;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.FaultyConnections;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteErrorCode;

class WatchdogTest {

    private static final String PATH = "/api/watchdog";

    private final FaultyConnections disk = new FaultyConnections();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    private StubService outside;

    @BeforeEach
    void begin() throws Exception {
        outside = new StubService();
        server.maintenance().stopTimers();
        server.api().put(PATH, Map.of("ping_url", outside.url() + "/ping/s3cret?msg=OK", "every_seconds", 60));
    }

    @AfterEach
    void end() {
        outside.close();
    }

    private void look() {
        server.maintenance().lookForMissedRuns();
        server.maintenance().checkAlerts();
        server.maintenance().copyDatabase();
    }

    private void pass(Duration time) {
        server.clock().advance(time);
        server.clock().skip(time);
    }

    private int pings() {
        server.maintenance().checkWatchdog();
        return outside.asked().size();
    }

    @Test
    void pings_while_all_checks_pass_and_not_more_often_than_it_is_told() throws Exception {
        look();

        assertThat(pings()).isEqualTo(1);
        assertThat(pings()).isEqualTo(1);
        pass(Duration.ofSeconds(60));
        assertThat(pings()).isEqualTo(2);
        assertThat(outside.asked().get(0).target()).isEqualTo("/ping/s3cret?msg=OK");

        var shown = server.api().get(PATH);
        assertThat(shown.at("/target")).isEqualTo(outside.url());
        assertThat(shown.at("/every_seconds")).isEqualTo("60");
        assertThat(shown.at("/last_ping_at")).isEqualTo(server.now().toString());
        assertThat(shown.at("/last_result/detail")).isEqualTo("HTTP status 200");
        assertThat(shown.text()).doesNotContain("s3cret");
        assertThat(server.api().get("/api/audit").text())
                .contains("watchdog.set")
                .doesNotContain("s3cret");
    }

    @Test
    void does_not_ping_before_the_server_has_looked_and_when_it_no_longer_does() {
        assertThat(pings()).isZero();
        look();
        assertThat(pings()).isEqualTo(1);

        pass(Duration.ofSeconds(121));
        server.maintenance().lookForMissedRuns();
        assertThat(pings()).as("no look for alerts").isEqualTo(1);
        server.maintenance().checkAlerts();
        assertThat(pings()).isEqualTo(2);

        pass(Duration.ofSeconds(121));
        server.maintenance().checkAlerts();
        assertThat(pings()).as("no look for missed runs").isEqualTo(2);
    }

    @Test
    void does_not_ping_without_a_fresh_copy_nor_with_one_from_the_future() throws Exception {
        server.maintenance().lookForMissedRuns();
        server.maintenance().checkAlerts();
        assertThat(pings()).as("none").isZero();

        var copies = Files.createDirectories(server.directory().resolve("backups"));
        Files.createFile(copies.resolve("hourly-20270101-000000.db"));
        Files.createFile(copies.resolve("hourly-20260301-085959.db"));
        assertThat(pings()).as("one of next year, one of three hours ago").isZero();
        assertThat(server.api().get(PATH).json().at("/checks/3/ok").asBoolean()).isFalse();

        server.maintenance().copyDatabase();
        assertThat(pings()).isEqualTo(1);
    }

    @Test
    void does_not_ping_while_the_database_cannot_be_written_although_nothing_else_has_tried_to() {
        look();
        assertThat(pings()).isEqualTo(1);

        disk.fail(SQLiteErrorCode.SQLITE_FULL);
        pass(Duration.ofSeconds(60));
        assertThat(pings()).isEqualTo(1);
        assertThat(pings()).as("with the trouble known").isEqualTo(1);

        disk.mend();
        server.maintenance().probeStorage();
        assertThat(pings()).isEqualTo(2);
    }

    @Test
    void tries_again_after_a_minute_and_says_what_failed() throws Exception {
        server.api().put(PATH, Map.of("every_seconds", 600));
        outside.answer(500);
        look();
        pings();
        pass(Duration.ofSeconds(59));
        assertThat(pings()).isEqualTo(1);
        assertThat(server.api().get(PATH).json().at("/last_result/ok").asBoolean())
                .isFalse();

        outside.answer(200);
        pass(Duration.ofSeconds(1));
        assertThat(pings()).isEqualTo(2);
        assertThat(server.api().get(PATH).json().at("/last_result/ok").asBoolean())
                .isTrue();
    }

    @Test
    void pings_nothing_after_it_was_removed() throws Exception {
        look();
        assertThat(server.api().delete(PATH).status()).isEqualTo(204);
        assertThat(server.api().delete(PATH).status()).isEqualTo(204);

        assertThat(pings()).isZero();
        assertThat(server.api().get(PATH).json().path("target").isNull()).isTrue();
        assertThat(server.api().put(PATH, Map.of("every_seconds", 60)).outcome())
                .isEqualTo("400 ping_url_required");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://example.com/",
                "http://",
                "http://user@example.com/",
                "http://example.com/#a",
                "http://e x/"
            })
    void an_address_that_cannot_be_pinged_is_refused_without_repeating_it(String url) throws Exception {
        var refused = server.api().put(PATH, Map.of("ping_url", url));

        assertThat(refused.outcome()).isEqualTo("400 invalid_ping_url");
        assertThat(refused.at("/errors/0/field")).isEqualTo("ping_url");
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 3_601, -1})
    void a_time_between_pings_that_makes_no_sense_is_refused(int seconds) throws Exception {
        assertThat(server.api().put(PATH, Map.of("every_seconds", seconds)).outcome())
                .isEqualTo("400 invalid_every_seconds");
    }
}
