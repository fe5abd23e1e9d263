package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** What the server does while its disk does not take what it writes, and how it finds back. */
class StorageTroubleTest {

    private static final int TRY_AGAIN = 1013;

    private final Faults disk = new Faults();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    private final Reports reports = new Reports(server);
    private final String job = Reports.id(1);
    private FakeMachine web;
    private String schedule;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        schedule = server.schedule(web, TestServer.NIGHTLY);
    }

    @Test
    void while_nothing_can_be_stored_changes_are_refused_in_words_and_all_can_be_seen() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_WRITE);

        var refusal = server.post(schedules(), TestServer.NIGHTLY);

        assertThat(refusal.outcome()).isEqualTo("503 storage_trouble");
        assertThat(refusal.at("/detail"))
                .contains("reports errors", "nothing can be changed here", "dmesg")
                .doesNotContain("damaged");
        server.now = server.now.plus(Duration.ofHours(1)); // the use of the token is not on disk: that is no reason
        assertThat(server.get(schedules()).json().path("schedules")).hasSize(1);
        for (var page : List.of("/", "/jobs", "/settings", "/audit", "/hosts/" + web.hostId())) {
            var shown = server.request("GET", page, "", "Cookie", "rf_session=" + server.session());
            assertThat(shown.status()).as(page).isEqualTo(200);
            assertThat(shown.text()).as(page).contains("reports errors", "What to do:");
        }
        assertThat(health()).isEqualTo("disk_fails");
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

            assertThat(server.post(schedules(), TestServer.NIGHTLY).outcome())
                    .as(each.getValue())
                    .isEqualTo("503 storage_trouble");

            assertThat(health()).isEqualTo(each.getValue());
            disk.mend();
        }
    }

    @Test
    void trouble_ends_by_itself_once_the_disk_takes_what_is_written() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_READONLY);
        server.post(schedules(), TestServer.NIGHTLY);
        server.probeStorage();
        assertThat(health()).isEqualTo("read_only");

        disk.mend();
        server.probeStorage();

        assertThat(health()).isEqualTo("ok");
        assertThat(server.post(schedules(), TestServer.UNNAMED).status()).isEqualTo(201);
        assertThat(server.request("GET", "/", "", "Cookie", "rf_session=" + server.session())
                        .text())
                .doesNotContain("What to do:");
    }

    @Test
    void a_result_that_could_not_be_stored_is_not_acknowledged_and_the_agent_stays_until_it_can_be() throws Exception {
        var agent = server.connectQuietly(web);
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_FSYNC);

        assertThat(agent.sayAndHear(reports.started(job, schedule))).isEmpty();
        disk.mend(); // what comes now could be stored, but its acknowledgement would stand for the one before, too
        assertThat(agent.sayAndHear(reports.finished(2, job, schedule))).isEmpty();
        assertThat(agent.isClosed()).isFalse();

        server.probeStorage();

        assertThat(agent.closedWith()).isEqualTo(TRY_AGAIN);
        var again = server.connectQuietly(web);
        assertThat(acks(again, reports.started(job, schedule), reports.finished(2, job, schedule)))
                .containsExactly(1L, 2L);
        assertThat(server.get("/api/jobs/" + job).at("/status")).isEqualTo("succeeded");
    }

    @Test
    void agents_that_have_nothing_to_say_again_stay_connected() throws Exception {
        var agent = server.connectQuietly(web);
        disk.fail(SQLiteErrorCode.SQLITE_IOERR_FSYNC);
        server.post(schedules(), TestServer.NIGHTLY);
        disk.mend();

        server.probeStorage();

        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);
    }

    @Test
    void on_a_full_disk_the_room_kept_for_it_takes_results_and_people_but_no_logs_and_no_changes() throws Exception {
        var agent = server.connectQuietly(web);
        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);
        assertThat(reserve()).hasSize(DiskReserve.BYTES);
        disk.failFrom(1, 1, SQLiteErrorCode.SQLITE_FULL);

        assertThat(agent.sayAndHear(reports.log(job, 1, 3))).isEmpty();

        assertThat(reserve()).doesNotExist();
        assertThat(health()).isEqualTo("disk_full");
        assertThat(acks(agent, reports.finished(2, job, schedule))).containsExactly(2L);
        assertThat(agent.sayAndHear(reports.log(job, 4, 6))).isEmpty();
        assertThat(server.post(schedules(), TestServer.NIGHTLY).outcome()).isEqualTo("503 storage_trouble");
        assertThat(server.request(
                                "POST",
                                "/api/auth/login",
                                TestServer.json(Map.of("username", "anna", "password", "correct horse")))
                        .status())
                .isEqualTo(200);

        server.probeStorage();

        assertThat(health()).isEqualTo("ok");
        assertThat(reserve()).hasSize(DiskReserve.BYTES);
        assertThat(agent.closedWith()).isEqualTo(TRY_AGAIN);
        var again = server.connectQuietly(web);
        assertThat(again.sayAndHear(reports.log(job, 1, 6))).hasSize(1);
        assertThat(server.get("/api/jobs/" + job + "/log").text().lines()).hasSize(6);
    }

    @Test
    void the_result_that_finds_the_disk_full_gets_the_room_that_was_kept() throws Exception {
        var agent = server.connectQuietly(web);
        disk.failFrom(3, 1, SQLiteErrorCode.SQLITE_FULL);

        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);

        assertThat(health()).isEqualTo("disk_full");
        assertThat(server.get("/api/jobs/" + job).at("/status")).isEqualTo("running");
        assertThat(agent.sayAndHear(reports.log(job, 1, 3))).isEmpty(); // that room is not for logs
        assertThat(acks(agent, reports.finished(2, job, schedule))).containsExactly(2L);
    }

    @Test
    void an_agent_that_comes_in_trouble_hears_all_after_it() throws Exception {
        disk.fail(SQLiteErrorCode.SQLITE_IOERR);
        server.post(schedules(), TestServer.NIGHTLY);
        try {
            server.connect(web).hearsUntilNow();
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("closed with 1011"); // what must be noted of it could not be
        }

        disk.mend();
        server.probeStorage();

        server.connect(web).hears(ToAgent.ScheduleSet.class);
    }

    @Test
    void a_damaged_database_is_shown_and_used_as_far_as_it_goes() throws Exception {
        disk.failFrom(1, 1, SQLiteErrorCode.SQLITE_CORRUPT);

        var refusal = server.post(schedules(), TestServer.NIGHTLY);

        assertThat(refusal.at("/detail")).contains("the server's database is damaged", "restore the newest copy");
        assertThat(server.post(schedules(), TestServer.UNNAMED).status()).isEqualTo(201);
        assertThat(health()).isEqualTo("damaged");
    }

    @Test
    void no_acknowledgement_of_a_later_result_stands_for_one_that_was_not_stored() throws Exception {
        var agent = server.connectQuietly(web);
        disk.fail(SQLiteErrorCode.SQLITE_CORRUPT);
        assertThat(acks(agent, reports.started(job, schedule))).isEmpty();
        disk.mend();

        assertThat(acks(agent, reports.finished(2, job, schedule))).isEmpty();

        agent.vanish();
        assertThat(acks(server.connectQuietly(web), reports.started(job, schedule), reports.finished(2, job, schedule)))
                .containsExactly(1L, 2L);
    }

    private static List<Long> acks(FakeAgent agent, ToServer... messages) throws Exception {
        for (var message : messages) {
            agent.say(message);
        }
        return agent.hearsUntilNow().stream()
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

    /** Which storage is said to be; the server always says that it is there. */
    private String health() throws Exception {
        var health = server.request("GET", "/healthz", "");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.at("/status")).isEqualTo("ok");
        return health.at("/storage");
    }
}
