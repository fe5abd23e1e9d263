package io.resticfleet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times and days are shown in the time zone that the browser has reported. */
class ViewerTest {

    private static final Instant LONG_AGO = TestServer.START.minus(Duration.ofDays(90));

    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,    'Sat 28 Feb 2026, 23:30:00 (Europe/Berlin)',     Sat 28 Feb",
        "Pacific/Auckland, 'Sun 1 Mar 2026, 11:30:00 (Pacific/Auckland)',   Sun 1 Mar",
        "Asia/Katmandu,    'Sun 1 Mar 2026, 04:15:00 (Asia/Katmandu)',      Sun 1 Mar",
        "America/New_York, 'Sat 28 Feb 2026, 17:30:00 (America/New_York)',  Sat 28 Feb",
    })
    void times_and_days_are_those_of_the_viewers_time_zone(String zone, String full, String day) throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            history.backup(web, nightly, Instant.parse("2026-02-28T22:30:00Z"), JobStatus.FAILED);
        }

        var page = PageClient.signedIn(server, zone).open("/");

        assertThat(page.only("html").attr("data-zone")).isEqualTo(zone);
        assertThat(page.only("#activity time").attr("title")).isEqualTo(full);
        assertThat(page.text("#activity time")).isEqualTo("14 h ago");
        assertThat(page.only(".strip .bad").attr("title")).isEqualTo(day + ": failed");
    }

    /** The last Sunday of March has 23 hours in Berlin. */
    @Test
    void a_day_of_the_strip_is_a_day_of_the_viewer_also_when_clocks_change() throws Exception {
        server.clock().set(Instant.parse("2026-03-31T10:00:00Z"));
        server.sql("UPDATE sessions SET last_used_at = %1$d, expires_at = %1$d + 1000"
                .formatted(server.now().toEpochMilli()));
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var hourly = history.schedule(web, "hourly", "30 * * * *", "server", LONG_AGO);
            history.backup(
                    web, hourly, Instant.parse("2026-03-28T22:30:00Z"), JobStatus.SUCCEEDED); // 23:30 on the 28th
            history.backup(web, hourly, Instant.parse("2026-03-28T23:30:00Z"), JobStatus.FAILED); // 00:30 on the 29th
            history.backup(web, hourly, Instant.parse("2026-03-29T21:30:00Z"), JobStatus.FAILED); // 23:30 on the 29th
            history.backup(web, hourly, Instant.parse("2026-03-29T22:30:00Z"), JobStatus.PARTIAL); // 00:30 on the 30th
            history.backup(web, hourly, Instant.parse("2026-03-01T23:30:00Z"), JobStatus.FAILED); // the first day shown
            history.backup(web, hourly, Instant.parse("2026-03-01T22:30:00Z"), JobStatus.FAILED); // the day before it
        }

        var page = PageClient.signedIn(server, "Europe/Berlin").open("/");

        assertThat(page.select(".strip i")).hasSize(30);
        assertThat(page.select(".strip i").eachAttr("title"))
                .startsWith("Mon 2 Mar: failed", "Tue 3 Mar: nothing due")
                .endsWith(
                        "Sat 28 Mar: backed up",
                        "Sun 29 Mar: 2 failed",
                        "Mon 30 Mar: backed up in part",
                        "Tue 31 Mar: nothing due");
        assertThat(page.only(".strip").attr("aria-label"))
                .isEqualTo("Last 30 days: 2 failed (Mon 2 Mar, Sun 29 Mar), 1 backed up in part (Mon 30 Mar),"
                        + " 1 backed up, 26 nothing due");
    }

    @Test
    void the_next_runs_are_shown_in_the_zone_of_the_machine_and_in_the_viewers() throws Exception {
        var web = server.enrol("web");
        web.addSchedule(Map.of(
                "kind", "backup", "cron", "30 2 * * *", "time_zone", "Asia/Kathmandu", "paths", List.of("/etc")));
        var schedules = "/hosts/" + web.hostId() + "/schedules";

        var page = PageClient.signedIn(server, "Europe/Berlin").open(schedules);
        assertThat(page.texts(".due li")).first().isEqualTo("in 9 h: Mon 2 Mar, 02:30 (Sun 1 Mar, 21:45 your time)");
        assertThat(page.select(".due time").get(0).attr("title")).isEqualTo("Sun 1 Mar 2026, 21:45:00 (Europe/Berlin)");

        var there = PageClient.signedIn(server, "Asia/Kathmandu").open(schedules);
        assertThat(there.texts(".due li")).first().isEqualTo("in 9 h: Mon 2 Mar, 02:30");
    }
}
