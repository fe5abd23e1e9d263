package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteErrorCode;

/**
 * One scenario, from enrolment to the last result, repeated with a fault at each next call to the database. What was
 * answered or acknowledged must be stored, and in the end everything.
 *
 * <p>Each call fails in one of three ways; with {@code -Dfaults.all=true}, in all three, which takes a minute or more.
 */
@Tag("faults")
class NthFaultTest {

    private static final int KINDS = 3;
    private static final int MOST_CALLS = 500;

    /** What a test makes of the n-th call of the story. */
    private interface Fault {
        void at(FaultyConnections disk, int n);
    }

    @Test
    void a_call_that_finds_the_disk_full_loses_nothing_that_was_acknowledged() throws Exception {
        tellAll(1, (disk, n) -> disk.failFrom(n, 1, SQLiteErrorCode.SQLITE_FULL));
    }

    @Test
    void a_disk_that_fails_from_a_call_on_until_it_is_mended_loses_nothing_that_was_acknowledged() throws Exception {
        tellAll(2, (disk, n) -> disk.failFrom(n, Integer.MAX_VALUE, SQLiteErrorCode.SQLITE_IOERR_FSYNC));
    }

    @Test
    void a_call_that_fails_after_it_was_done_does_nothing_twice() throws Exception {
        tellAll(3, (disk, n) -> disk.failAfter(n, SQLiteErrorCode.SQLITE_IOERR_FSYNC));
    }

    private static void tellAll(int first, Fault fault) throws Exception {
        int step = Boolean.getBoolean("faults.all") ? 1 : KINDS;
        int n = step == 1 ? 1 : first;
        while (tell(n, fault)) {
            n += step;
            assertThat(n).isLessThan(MOST_CALLS);
        }
        assertThat(n).as("calls of the whole story").isGreaterThan(40);
    }

    /** Returns whether a fault was met; the next story is to fail later. */
    private static boolean tell(int n, Fault fault) throws Exception {
        var disk = new FaultyConnections();
        var server = new TestServer(disk::open);
        server.beforeEach(null);
        try {
            fault.at(disk, n);
            new Story(disk, server).tell();
            return disk.fired();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("with a fault at call " + n + ": " + e.getMessage(), e);
        } finally {
            server.afterEach(null);
        }
    }

    /** An operator who tries again, and a machine that keeps what was not acknowledged. */
    private static final class Story {

        private final FaultyConnections disk;
        private final TestServer server;
        private final SampleReports reports;
        private final String job = SampleReports.id(1);
        private final List<ToServer.Result> outbox = new ArrayList<>();

        private Story(FaultyConnections disk, TestServer server) {
            this.disk = disk;
            this.server = server;
            this.reports = new SampleReports(server);
        }

        private void tell() throws Exception {
            var web = join();
            var schedule = schedule(web);
            var due = server.now();
            outbox.add(reports.started(1, job, Optional.of(schedule), Optional.of(due)));
            outbox.add(reports.finished(
                    2, job, Optional.of(schedule), Optional.of(due), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));
            outbox.add(reports.snapshots(3, due, SampleReports.SNAPSHOT));
            var agent = connect(web);
            agent.sendAndDrain(SampleReports.fire(job, schedule, due, 1));
            while (!outbox.isEmpty()) {
                deliver(agent);
                if (!outbox.isEmpty()) {
                    assertThat(agent.isClosed()).as("cut off").isFalse();
                    heal();
                    agent = connect(web);
                }
            }
            agent = keepLog(web, agent);
            heal();

            assertThat(server.api().request("GET", "/healthz", "").at("/storage"))
                    .isEqualTo("ok");
            assertThat(server.api()
                            .get("/api/hosts/" + web.hostId() + "/schedules")
                            .json()
                            .path("schedules"))
                    .hasSize(1);
            assertThat(server.api().get("/api/jobs").json().path("items")).hasSize(1);
            assertThat(server.api().get("/api/jobs/" + job + "/log").text().lines())
                    .hasSize(3);
            assertThat(server.sql("PRAGMA integrity_check")).containsExactly("ok");
            assertThat(server.sql("PRAGMA foreign_key_check")).isEmpty();
        }

        /** A token may have been used up by a try that failed in its last step; the next is another one. */
        private EnrolledAgent join() throws Exception {
            while (true) {
                var body = Map.of("repository", Samples.repository(Samples.URL));
                var token = patiently(() -> server.api().post("/api/enrollment-tokens", body));
                try {
                    var machine = server.enrolWith(token.at("/token"), "web");
                    assertThat(server.sql("SELECT id FROM hosts")).contains(machine.hostId());
                    return machine;
                } catch (AssertionError e) {
                    assertThat(e).hasMessageContaining("storage_trouble");
                }
                heal();
            }
        }

        private String schedule(EnrolledAgent machine) throws Exception {
            var path = "/api/hosts/" + machine.hostId() + "/schedules";
            var kept = server.api().get(path).json().path("schedules");
            var answer = server.api().post(path, Samples.NIGHTLY);
            while (answer.status() != 201) {
                assertThat(answer.outcome()).isEqualTo("503 storage_trouble");
                heal();
                kept = server.api().get(path).json().path("schedules");
                if (!kept.isEmpty()) {
                    return kept.at("/0/id").asText(); // failed in its last step
                }
                answer = server.api().post(path, Samples.NIGHTLY);
            }
            assertThat(server.sql("SELECT id FROM schedules")).containsExactly(answer.at("/id"));
            return answer.at("/id");
        }

        private ApiResponse patiently(Callable<ApiResponse> call) throws Exception {
            for (var answer = call.call(); ; answer = call.call()) {
                if (answer.status() < 300) {
                    return answer;
                }
                assertThat(answer.outcome()).isEqualTo("503 storage_trouble");
                heal();
            }
        }

        /** Sends all waiting results, and drops acknowledged ones after finding them in the database. */
        private void deliver(AgentClient agent) throws Exception {
            for (var result : outbox) {
                agent.send(result);
            }
            for (var answer : agent.drain()) {
                if (answer instanceof ToAgent.EventAck ack) {
                    outbox.removeIf(result -> result.sequence() <= ack.sequence());
                    var kept = ack.sequence() < 2 ? List.of("running", "succeeded") : List.of("succeeded");
                    assertThat(server.sql("SELECT status FROM jobs WHERE id = '" + job + "'"))
                            .hasSize(1)
                            .allMatch(kept::contains);
                    assertThat(server.sql("SELECT id FROM snapshots"))
                            .hasSizeGreaterThanOrEqualTo(ack.sequence() < 3 ? 0 : 1);
                }
            }
        }

        /** Perhaps it is not let in, while nothing can be noted of it. */
        private AgentClient connect(EnrolledAgent web) throws Exception {
            try {
                return web.connect();
            } catch (AssertionError e) {
                assertThat(e).hasMessageContaining("closed with 1011");
                heal();
                return web.connect();
            }
        }

        private AgentClient keepLog(EnrolledAgent web, AgentClient agent) throws Exception {
            var connection = agent;
            while (connection.sendAndDrain(reports.log(job, 1, 3)).stream()
                    .noneMatch(ToAgent.LogAck.class::isInstance)) {
                heal();
                connection = connect(web);
            }
            assertThat(server.sql("SELECT sum(last_line - first_line + 1) FROM job_log"))
                    .containsExactly("3");
            return connection;
        }

        private void heal() {
            disk.mend();
            server.maintenance().probeStorage();
        }
    }
}
