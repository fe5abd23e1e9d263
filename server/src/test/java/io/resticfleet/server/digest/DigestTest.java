package io.resticfleet.server.digest;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.StubService;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.alert.SampleAlerts;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server's clock starts on a Sunday at noon; its zone is that of the machine, so that times are by {@link DigestTimes}. */
class DigestTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private StubService outside;
    private String channel;

    @BeforeEach
    void begin() throws Exception {
        outside = new StubService();
        server.maintenance().stopTimers();
    }

    @AfterEach
    void end() {
        outside.close();
    }

    private void addChannel(String every) throws Exception {
        channel = server.api()
                .post(
                        "/api/channels",
                        Map.of(
                                "name",
                                every,
                                "kind",
                                "webhook",
                                "config",
                                Map.of("url", outside.url() + "/hook"),
                                "digest",
                                every))
                .at("/id");
        server.maintenance().checkDigests();
    }

    private void advanceToDue(DigestEvery every) {
        var zone = ZoneId.systemDefault();
        var due = DigestTimes.last(every, server.now().plus(Duration.ofDays(every == DigestEvery.DAILY ? 1 : 7)), zone);
        server.clock().advance(Duration.between(server.now(), due));
    }

    private List<String> digests() throws Exception {
        server.maintenance().checkDigests();
        server.maintenance().checkDigests();
        return server.sql("SELECT content_json FROM deliveries WHERE kind = 'digest' AND channel_id = '" + channel
                + "' ORDER BY id");
    }

    private EnrolledAgent backedUp(String name, JobStatus... results) throws Exception {
        var host = server.enrol(name);
        var nightly = host.addSchedule(Samples.NIGHTLY);
        var agent = host.connectInSync();
        for (int i = 0; i < results.length; i++) {
            var id = "01KJMMA2G0"
                    + (name + "0000000000000000").substring(0, 13).toUpperCase().replaceAll("[^0-9A-HJKMNP-TV-Z]", "0")
                    + "%03d".formatted(i);
            agent.sendAndDrain(new SampleReports(server)
                    .finished(
                            i + 1,
                            id,
                            Optional.of(nightly),
                            Optional.empty(),
                            results[i],
                            i == 0 ? SampleReports.SNAPSHOT : ""));
        }
        return host;
    }

    @Test
    void a_daily_digest_says_what_ran_what_grew_what_is_proven_and_what_waits() throws Exception {
        addChannel("daily");
        backedUp("web", JobStatus.SUCCEEDED, JobStatus.FAILED);
        var fresh = server.enrol("fresh");
        server.api().patch("/api/hosts/" + fresh.hostId(), Map.of("name", "<b>new</b>"));
        server.sql("INSERT INTO repository_stats SELECT id, '2026-02-27', 1, 1048576, NULL, 1, 1 FROM repositories");
        server.sql(
                "INSERT INTO repository_stats SELECT id, '2026-03-01', 1772370000000, 3145728, NULL, 1, 1 FROM repositories");
        advanceToDue(DigestEvery.DAILY);

        var digest = digests();

        assertThat(digest).hasSize(1);
        assertThat(digest.get(0))
                .contains("Daily digest of 2 March 2026: all is well")
                .contains("1 of 2 backups succeeded")
                .contains("web: 1 succeeded, 1 failed")
                .contains("3.0 MiB, 2.0 MiB more than before.")
                .contains("Restores of 0 of 2 machines were proven")
                .contains("web: not every backup was ever proven by a restore.")
                .contains("- <b>new</b>: waits for its first backup")
                .contains("<li>&lt;b&gt;new&lt;/b&gt;: waits for its first backup")
                .doesNotContain("<img", "<script", "<li><b>new");
        assertThat(digests()).isEqualTo(digest);
    }

    @Test
    void open_alerts_come_first_with_where_to_act_and_the_title_counts_them() throws Exception {
        var web = backedUp("web", JobStatus.SUCCEEDED);
        addChannel("daily");
        SampleAlerts.addTo(server, web.hostId());
        advanceToDue(DigestEvery.DAILY);

        assertThat(digests().get(0))
                .contains("2 things are wrong")
                .contains("CRITICAL: Something is wrong.")
                .contains("/hosts/new");
    }

    @Test
    void it_is_sent_once_over_restarts_and_afterwards_if_the_server_was_off_at_the_time() throws Exception {
        backedUp("web", JobStatus.SUCCEEDED);
        addChannel("daily");
        advanceToDue(DigestEvery.DAILY);
        server.clock().advance(Duration.ofHours(23));
        server.stop();
        server.start();
        server.maintenance().stopTimers();

        assertThat(digests()).hasSize(1);
        server.stop();
        server.start();
        server.maintenance().stopTimers();
        assertThat(digests()).hasSize(1);
    }

    @Test
    void one_that_is_a_day_late_is_left_out_and_the_next_is_about_its_time_too() throws Exception {
        backedUp("web", JobStatus.SUCCEEDED);
        addChannel("weekly");
        advanceToDue(DigestEvery.WEEKLY);
        server.clock().advance(Duration.ofHours(25));
        assertThat(digests()).isEmpty();

        advanceToDue(DigestEvery.WEEKLY);
        assertThat(digests()).hasSize(1);
        assertThat(digests().get(0)).contains("Weekly digest").contains("1 of 1 backup succeeded");
    }

    @Test
    void there_is_none_without_hosts_nor_for_a_channel_that_wants_none() throws Exception {
        addChannel("daily");
        advanceToDue(DigestEvery.DAILY);
        assertThat(digests()).isEmpty();

        backedUp("web", JobStatus.SUCCEEDED);
        advanceToDue(DigestEvery.DAILY);
        assertThat(digests()).hasSize(1);
    }

    @Test
    void a_clock_that_was_set_back_brings_no_second_digest_and_does_not_end_them() throws Exception {
        backedUp("web", JobStatus.SUCCEEDED);
        addChannel("daily");
        var right = server.now();
        server.clock().set(right.plus(Duration.ofDays(1_000)));
        assertThat(digests()).hasSizeLessThanOrEqualTo(1);
        int before = digests().size();
        server.clock().set(right);

        assertThat(digests()).hasSize(before);
        advanceToDue(DigestEvery.DAILY);
        assertThat(digests()).hasSize(before + 1);
    }

    @Test
    void a_filter_leaves_out_other_hosts_and_the_server() throws Exception {
        var web = backedUp("web", JobStatus.SUCCEEDED);
        backedUp("vpn", JobStatus.FAILED);
        channel = server.api()
                .post(
                        "/api/channels",
                        Map.of(
                                "name", "one",
                                "kind", "webhook",
                                "config", Map.of("url", outside.url()),
                                "hosts", List.of(web.hostId()),
                                "digest", "daily"))
                .at("/id");
        server.maintenance().checkDigests();
        SampleAlerts.addTo(server, web.hostId());
        advanceToDue(DigestEvery.DAILY);

        assertThat(digests().get(0))
                .contains("web: 1 succeeded", "1 thing is wrong")
                .doesNotContain("vpn");
    }

    @ParameterizedTest
    @CsvSource({
        "DAILY,  2026-03-02T05:59:59Z, 2026-03-01T06:00:00Z, Europe/Berlin",
        "DAILY,  2026-03-02T06:00:00Z, 2026-03-02T06:00:00Z, Europe/Berlin",
        // the clock is set forward on the 29th at 2:00, and back on 25 October at 3:00
        "DAILY,  2026-03-29T05:00:00Z, 2026-03-29T05:00:00Z, Europe/Berlin",
        "DAILY,  2026-03-29T04:59:59Z, 2026-03-28T06:00:00Z, Europe/Berlin",
        "DAILY,  2026-10-25T05:59:59Z, 2026-10-24T05:00:00Z, Europe/Berlin",
        "DAILY,  2026-10-25T06:00:00Z, 2026-10-25T06:00:00Z, Europe/Berlin",
        // the whole 30th of December 2011 was left out
        "DAILY,  2011-12-30T17:00:00Z, 2011-12-30T17:00:00Z, Pacific/Apia",
        "WEEKLY, 2026-03-02T07:00:00Z, 2026-03-02T07:00:00Z, UTC",
        "WEEKLY, 2026-03-02T06:59:59Z, 2026-02-23T07:00:00Z, UTC",
        "WEEKLY, 2026-03-08T23:00:00Z, 2026-03-02T07:00:00Z, UTC"
    })
    void digests_are_due_at_seven_by_the_clock_of_the_server(DigestEvery every, Instant now, Instant due, String zone) {
        assertThat(DigestTimes.last(every, now, ZoneId.of(zone))).isEqualTo(due);
    }
}
