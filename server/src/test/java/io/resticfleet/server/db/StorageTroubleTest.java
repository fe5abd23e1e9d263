package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.PageClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** What the server does while its disk does not take what it writes, and how it finds back. */
class StorageTroubleTest {

    private static final int TRY_AGAIN = 1013;

    private final FaultyConnections disk = new FaultyConnections();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    private final SampleReports reports = new SampleReports(server);
    private final String job = SampleReports.id(1);
    private EnrolledAgent web;
    private String schedule;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        schedule = web.addSchedule(Samples.NIGHTLY);
    }

    @Test
    void while_nothing_can_be_stored_changes_are_refused_in_words_and_all_can_be_seen() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_WRITE);

        var refusal = server.api().post(schedules(), Samples.NIGHTLY);

        assertThat(refusal.outcome()).isEqualTo("503 storage_trouble");
        assertThat(refusal.at("/detail"))
                .contains("reports errors", "nothing can be changed here", "dmesg")
                .doesNotContain("damaged");
        server.clock().advance(Duration.ofHours(1)); // the use of the token is not on disk: that is no reason
        assertThat(server.api().get(schedules()).json().path("schedules")).hasSize(1);
        for (var page : List.of("/", "/jobs", "/settings", "/audit", "/hosts/" + web.hostId())) {
            var shown = PageClient.signedIn(server).open(page);
            assertThat(shown.status()).as(page).isEqualTo(200);
            assertThat(shown.text("#trouble")).as(page).contains("reports errors", "What to do:");
        }
        assertThat(health()).isEqualTo("disk_fails");
    }

    @Test
    void nothing_is_missed_before_agents_could_report_what_was_refused() throws Exception {
        var over = Instant.parse("2026-03-02T12:00:00Z");
        server.clock().skip(Agents.START_GRACE);
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_WRITE);
        server.api().post(schedules(), Samples.NIGHTLY);
        disk.mend();
        server.maintenance().probeStorage();

        server.maintenance().checkMissedRunsAt(over);
        assertThat(server.api().get("/api/jobs?status=missed").json().path("items"))
                .isEmpty();

        server.clock().skip(Agents.START_GRACE);
        server.maintenance().checkMissedRunsAt(over.plusSeconds(1));
        assertThat(server.api().get("/api/jobs?status=missed").json().path("items"))
                .hasSize(1);
    }

    @Test
    void each_fault_of_the_disk_has_its_own_words() throws Exception {
        var words = Map.of(
                SQLiteErrorCode.SQLITE_FULL, "disk_full",
                SQLiteErrorCode.SQLITE_IOERR_FSYNC, "disk_fails",
                SQLiteErrorCode.SQLITE_READONLY, "read_only",
                SQLiteErrorCode.SQLITE_READONLY_DBMOVED, "read_only",
                SQLiteErrorCode.SQLITE_CANTOPEN, "cannot_open",
                SQLiteErrorCode.SQLITE_CORRUPT, "damaged",
                SQLiteErrorCode.SQLITE_NOTADB, "damaged");
        for (var each : words.entrySet()) {
            server.stop();
            server.start();
            disk.fail(each.getKey());

            assertThat(server.api().post(schedules(), Samples.NIGHTLY).outcome())
                    .as(each.getValue())
                    .isEqualTo("503 storage_trouble");

            assertThat(health()).isEqualTo(each.getValue());
            disk.mend();
        }
    }

    @Test
    void trouble_ends_by_itself_once_the_disk_takes_what_is_written() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_READONLY);
        server.api().post(schedules(), Samples.NIGHTLY);
        server.maintenance().probeStorage();
        assertThat(health()).isEqualTo("read_only");

        disk.mend();
        server.maintenance().probeStorage();

        assertThat(health()).isEqualTo("ok");
        assertThat(server.api().post(schedules(), Samples.UNNAMED).status()).isEqualTo(201);
        assertThat(PageClient.signedIn(server).open("/").text("#trouble")).isEmpty();
    }

    @Test
    void a_result_that_could_not_be_stored_is_not_acknowledged_and_the_agent_stays_until_it_can_be() throws Exception {
        var agent = web.connectInSync();
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_FSYNC);

        assertThat(agent.sendAndDrain(reports.started(job, schedule))).isEmpty();
        disk.mend(); // what comes now could be stored, but its acknowledgement would stand for the one before, too
        assertThat(agent.sendAndDrain(reports.finished(2, job, schedule))).isEmpty();
        assertThat(agent.isClosed()).isFalse();

        server.maintenance().probeStorage();

        assertThat(agent.closeCode()).isEqualTo(TRY_AGAIN);
        var again = web.connectInSync();
        assertThat(acks(again, reports.started(job, schedule), reports.finished(2, job, schedule)))
                .containsExactly(1L, 2L);
        assertThat(server.api().get("/api/jobs/" + job).at("/status")).isEqualTo("succeeded");
    }

    @Test
    void agents_that_have_nothing_to_say_again_stay_connected() throws Exception {
        var agent = web.connectInSync();
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_FSYNC);
        server.api().post(schedules(), Samples.NIGHTLY);
        disk.mend();

        server.maintenance().probeStorage();

        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);
    }

    @Test
    void on_a_full_disk_the_room_kept_for_it_takes_results_and_people_but_no_logs_and_no_changes() throws Exception {
        var agent = web.connectInSync();
        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);
        assertThat(reserve()).hasSize(DiskReserve.BYTES);
        disk.failFrom(1, 1, SQLiteErrorCode.SQLITE_FULL);

        assertThat(agent.sendAndDrain(reports.log(job, 1, 3))).isEmpty();

        assertThat(reserve()).doesNotExist();
        assertThat(health()).isEqualTo("disk_full");
        assertThat(acks(agent, reports.finished(2, job, schedule))).containsExactly(2L);
        assertThat(agent.sendAndDrain(reports.log(job, 4, 6))).isEmpty();
        assertThat(server.api().post(schedules(), Samples.NIGHTLY).outcome()).isEqualTo("503 storage_trouble");
        assertThat(server.api()
                        .request(
                                "POST",
                                "/api/auth/login",
                                ApiClient.json(Map.of("username", "anna", "password", "correct horse")))
                        .status())
                .isEqualTo(200);

        server.maintenance().probeStorage();

        assertThat(health()).isEqualTo("ok");
        assertThat(reserve()).hasSize(DiskReserve.BYTES);
        assertThat(agent.closeCode()).isEqualTo(TRY_AGAIN);
        var again = web.connectInSync();
        assertThat(again.sendAndDrain(reports.log(job, 1, 6))).hasSize(1);
        assertThat(server.api().get("/api/jobs/" + job + "/log").text().lines()).hasSize(6);
    }

    @Test
    void the_result_that_finds_the_disk_full_gets_the_room_that_was_kept() throws Exception {
        var agent = web.connectInSync();
        disk.failFrom(3, 1, SQLiteErrorCode.SQLITE_FULL);

        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);

        assertThat(health()).isEqualTo("disk_full");
        assertThat(server.api().get("/api/jobs/" + job).at("/status")).isEqualTo("running");
        assertThat(agent.sendAndDrain(reports.log(job, 1, 3))).isEmpty(); // that room is not for logs
        assertThat(acks(agent, reports.finished(2, job, schedule))).containsExactly(2L);
    }

    @Test
    void an_agent_that_connects_while_storage_fails_gets_everything_afterwards() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_IOERR);
        server.api().post(schedules(), Samples.NIGHTLY);
        try {
            web.connect().drain();
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("closed with 1011"); // what must be noted of it could not be
        }

        disk.mend();
        server.maintenance().probeStorage();

        web.connect().receive(ToAgent.ScheduleSet.class);
    }

    @Test
    void a_damaged_database_is_shown_and_used_as_far_as_it_goes() throws Exception {
        disk.failFrom(1, 1, SQLiteErrorCode.SQLITE_CORRUPT);

        var refusal = server.api().post(schedules(), Samples.NIGHTLY);

        assertThat(refusal.at("/detail")).contains("the server's database is damaged", "restore the newest copy");
        assertThat(server.api().post(schedules(), Samples.UNNAMED).status()).isEqualTo(201);
        assertThat(health()).isEqualTo("damaged");
    }

    @Test
    void no_acknowledgement_of_a_later_result_stands_for_one_that_was_not_stored() throws Exception {
        var agent = web.connectInSync();
        disk.fail(SQLiteErrorCode.SQLITE_CORRUPT);
        assertThat(acks(agent, reports.started(job, schedule))).isEmpty();
        disk.mend();

        assertThat(acks(agent, reports.finished(2, job, schedule))).isEmpty();

        agent.abort();
        assertThat(acks(web.connectInSync(), reports.started(job, schedule), reports.finished(2, job, schedule)))
                .containsExactly(1L, 2L);
    }

    private static List<Long> acks(AgentClient agent, ToServer... messages) throws Exception {
        for (var message : messages) {
            agent.send(message);
        }
        return agent.drain().stream()
                .filter(ToAgent.EventAck.class::isInstance)
                .map(ack -> ((ToAgent.EventAck) ack).sequence())
                .toList();
    }

    private Path reserve() {
        return server.directory().resolve("reserve");
    }

    private String schedules() {
        return "/api/hosts/" + web.hostId() + "/schedules";
    }

    /** The storage state in the health response, which is always 200. */
    private String health() throws Exception {
        var health = server.api().request("GET", "/healthz", "");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.at("/status")).isEqualTo("ok");
        return health.at("/storage");
    }
}
