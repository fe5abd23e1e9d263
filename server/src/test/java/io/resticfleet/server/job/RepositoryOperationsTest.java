package io.resticfleet.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.PruneResult;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryKey;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.StatsResult;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.UnusedLimit;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Operations on repositories through the API, and what their results say about the repository. */
@Tag("slow")
class RepositoryOperationsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String repository;
    private long sequence;

    @BeforeEach
    void connect() throws Exception {
        web = server.enrol("web");
        agent = web.connectInSync();
        repository =
                "/api/repositories/" + server.api().get("/api/repositories").at("/items/0/id");
    }

    @Test
    void damage_stays_while_other_jobs_fail_and_succeed_until_a_check_finds_none() throws Exception {
        end(
                Map.of("kind", "check"),
                Optional.of(ErrorCode.DAMAGED),
                new CheckResult(3, Optional.of(0.0), Optional.empty()));
        end(Map.of("kind", "stats"), Optional.of(ErrorCode.NETWORK), new NoResult());
        end(Map.of("kind", "stats"), Optional.empty(), stats(1_000, key("aa")));
        assertThat(shown().at("/status")).isEqualTo("damaged");

        end(Map.of("kind", "check"), Optional.empty(), new CheckResult(0, Optional.of(0.0), Optional.empty()));
        assertThat(shown().at("/status")).isEqualTo("ok");
    }

    @Test
    void an_operation_is_sent_with_its_options() throws Exception {
        assertThat(order(Map.of("kind", "prune", "max_unused", "5%", "dry_run", true)))
                .isEqualTo(new JobSpec.Prune(Optional.empty(), Optional.of(new UnusedLimit("5%")), true));
        assertThat(order(Map.of("kind", "unlock", "remove_all", true))).isEqualTo(new JobSpec.Unlock(true));
        for (var kind : List.of("check", "stats", "repair_index", "repair_snapshots", "snapshots", "init")) {
            assertThat(order(Map.of("kind", kind))).isEqualTo(JobSpec.once(JobKind.of(kind)));
        }
    }

    @Test
    void a_copy_goes_to_another_repository_of_the_same_host() throws Exception {
        var other = server.api()
                .post("/api/repositories", Map.of("url", "rest:http://offsite:8000/fleet/"))
                .at("/id");
        assertThat(start(Map.of("kind", "copy", "to", other)).outcome()).isEqualTo("409 unknown_repository");
        server.api().put("/api/hosts/" + web.hostId() + "/repositories/" + other, "{}");

        assertThat(order(Map.of("kind", "copy", "to", other)))
                .isEqualTo(new JobSpec.Copy(Optional.empty(), new RepositoryId(other)));
        assertThat(order(Map.of("kind", "init", "chunker_of", other)))
                .isEqualTo(new JobSpec.Init(Optional.of(new RepositoryId(other))));
    }

    @Test
    void options_that_do_not_fit_are_refused_by_name() throws Exception {
        assertThat(start(Map.of("kind", "backup")).outcome()).isEqualTo("400 invalid_kind");
        assertThat(start(Map.of("kind", "stats", "dry_run", true)).outcome()).isEqualTo("400 not_allowed");
        assertThat(start(Map.of("kind", "copy")).outcome()).isEqualTo("400 required");
        assertThat(start(Map.of("kind", "check", "read_data_share", 1.5)).outcome())
                .isEqualTo("400 invalid_share");
        assertThat(start(Map.of("kind", "prune", "max_unused", "--x")).outcome())
                .isEqualTo("400 invalid_max_unused");
        assertThat(server.api().get(repository + "/stats?days=0").outcome()).isEqualTo("400 invalid_days");
    }

    @Test
    void checks_read_one_part_of_the_data_after_another() throws Exception {
        Map<String, ?> body = Map.of("kind", "check", "read_data_share", 0.5);
        end(
                body,
                Optional.of(new DataPart(1, 2)),
                Optional.empty(),
                new CheckResult(0, Optional.of(0.5), Optional.empty()));
        assertThat(shown().at("/last_check/data_read_share")).isEqualTo("0.5");
        assertThat(shown().at("/last_check/ok")).isEqualTo("true");
        assertThat(shown().at("/status")).isEqualTo("ok");

        end(
                body,
                Optional.of(new DataPart(2, 2)),
                Optional.of(ErrorCode.DAMAGED),
                new CheckResult(3, Optional.of(0.5), Optional.empty()));
        assertThat(shown().at("/last_check/ok")).isEqualTo("false");
        assertThat(shown().at("/status")).isEqualTo("damaged");
        assertThat(shown().at("/status_detail")).isEqualTo(SampleReports.ERROR);

        end(body, Optional.of(new DataPart(1, 2)), Optional.of(ErrorCode.SSH_KEY_REFUSED), new NoResult());
        assertThat(shown().at("/status")).as("only a check ends damage").isEqualTo("damaged");
        end(body, Optional.of(new DataPart(1, 2)), Optional.of(ErrorCode.BAD_FILE), new NoResult());
        assertThat(shown().at("/status")).isEqualTo("damaged");
        assertThat(((JobSpec.Check) order(body)).readData()).contains(new DataPart(1, 2));
    }

    @Test
    void scheduled_checks_read_all_data_within_the_days_that_the_schedule_sets() throws Exception {
        var weekly =
                web.addSchedule(Map.of("kind", "check", "cron", "0 3 * * 0", "options", Map.of("read_all_days", 28)));
        for (int part = 1; part <= 2; part++) {
            server.api().post("/api/hosts/" + web.hostId() + "/schedules/" + weekly + "/run", "");
            var command = agent.receive(ToAgent.CommandRun.class);
            assertThat(((JobSpec.Check) command.order()).readData()).contains(new DataPart(part, 4));
            assertThat(command.order().scheduled().orElseThrow().id().value()).isEqualTo(weekly);
            end(command, Optional.empty(), new CheckResult(0, Optional.of(0.25), Optional.empty()));
        }
    }

    @Test
    void copies_and_prunes_are_scheduled_with_their_options() throws Exception {
        var schedules = "/api/hosts/" + web.hostId() + "/schedules";
        var other = server.api()
                .post("/api/repositories", Map.of("url", "rest:http://offsite:8000/fleet/"))
                .at("/id");
        var copy = Map.of("kind", "copy", "manual", true, "options", Map.of("to", other));
        assertThat(server.api()
                        .post(schedules, Map.of("kind", "copy", "manual", true))
                        .outcome())
                .isEqualTo("400 to_required");
        assertThat(server.api().post(schedules, copy).outcome()).isEqualTo("400 unknown_repository");
        assertThat(server.api()
                        .post(schedules, Map.of("kind", "check", "manual", true, "options", Map.of("max_unused", "5%")))
                        .outcome())
                .isEqualTo("400 not_allowed");
        server.api().put("/api/hosts/" + web.hostId() + "/repositories/" + other, "{}");
        agent.drain();

        server.api().post(schedules + "/" + web.addSchedule(copy) + "/run", "");
        assertThat(((JobSpec.Copy) agent.receive(ToAgent.CommandRun.class).order()).to())
                .isEqualTo(new RepositoryId(other));
        var prune =
                web.addSchedule(Map.of("kind", "prune", "cron", "0 3 * * 0", "options", Map.of("max_unused", "10%")));
        server.api().post(schedules + "/" + prune + "/run", "");
        assertThat(((JobSpec.Prune) agent.receive(ToAgent.CommandRun.class).order()).maxUnused())
                .contains(new UnusedLimit("10%"));
    }

    @Test
    void damage_is_shown_until_a_check_finds_none() throws Exception {
        end(
                Map.of("kind", "check"),
                Optional.of(ErrorCode.DAMAGED),
                new CheckResult(3, Optional.of(0.0), Optional.empty()));
        end(Map.of("kind", "stats"), Optional.empty(), stats(1_000, key("aa")));
        assertThat(shown().at("/status")).isEqualTo("damaged");

        end(Map.of("kind", "check"), Optional.empty(), new CheckResult(0, Optional.of(0.0), Optional.empty()));
        assertThat(shown().at("/status")).isEqualTo("ok");
    }

    @Test
    void a_prune_is_recorded_unless_it_was_only_tried() throws Exception {
        end(Map.of("kind", "prune", "dry_run", true), Optional.empty(), new PruneResult(100, 0, 900, 0));
        assertThat(shown().json().path("last_prune_at").isNull()).isTrue();

        end(Map.of("kind", "prune"), Optional.empty(), new PruneResult(100, 0, 900, 0));
        assertThat(shown().at("/last_prune_at")).isNotEmpty();
        assertThat(shown().at("/size_bytes")).isEqualTo("900");
    }

    @Test
    void a_prune_that_a_machine_made_without_the_server_counts_at_its_own_time() throws Exception {
        var weekly = web.addSchedule(Map.of("kind", "prune", "cron", "0 3 * * 0"));
        var yesterday = server.now().minus(Duration.ofDays(1));
        prunedAlone(weekly, yesterday, 700);
        assertThat(shown().at("/last_prune_at")).isEqualTo(yesterday.toString());
        assertThat(shown().at("/size_bytes")).isEqualTo("700");

        end(Map.of("kind", "prune"), Optional.empty(), new PruneResult(100, 0, 500, 0));
        prunedAlone(weekly, yesterday.plusSeconds(3_600), 600);
        assertThat(shown().at("/last_prune_at")).isEqualTo(server.now().toString());
        assertThat(shown().at("/size_bytes")).isEqualTo("500");
    }

    private void prunedAlone(String schedule, Instant at, long remaining) throws Exception {
        agent.sendAndDrain(new ToServer.JobFinished(
                ++sequence,
                new JobId(SampleReports.id((int) sequence)),
                JobKind.PRUNE,
                JobTrigger.CRON,
                Optional.of(new ScheduleId(schedule)),
                Optional.of(at),
                Optional.of(at),
                at,
                JobStatus.SUCCEEDED,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new PruneResult(100, 0, remaining, 0)));
    }

    @Test
    void one_size_is_kept_for_each_day_of_a_year() throws Exception {
        for (int size : List.of(1_000, 2_000)) {
            end(Map.of("kind", "stats"), Optional.empty(), stats(size));
        }
        server.clock().advance(Duration.ofDays(1));
        agent = web.connectInSync();
        end(Map.of("kind", "stats"), Optional.empty(), stats(3_000));

        var sizes = server.api().get(repository + "/stats");
        assertThat(sizes.json().path("items")).hasSize(2);
        assertThat(sizes.at("/items/0/size_bytes")).isEqualTo("2000");
        assertThat(sizes.at("/items/0/day")).isEqualTo("2026-03-01");
        assertThat(sizes.at("/items/1/size_bytes")).isEqualTo("3000");
        assertThat(server.api().get(repository + "/stats?days=1").json().path("items"))
                .hasSize(1);
        assertThat(shown().at("/size_bytes")).isEqualTo("3000");

        server.clock().advance(Duration.ofDays(365));
        agent = web.connectInSync();
        end(Map.of("kind", "stats"), Optional.empty(), stats(4_000));
        assertThat(server.sql("SELECT size_bytes FROM repository_stats ORDER BY day"))
                .containsExactly("3000", "4000");
    }

    @Test
    void a_key_that_nobody_is_known_to_have_added_is_reported_until_somebody_confirms_it() throws Exception {
        end(Map.of("kind", "stats"), Optional.empty(), stats(1, key("aa")));
        end(
                Map.of("kind", "check"),
                Optional.empty(),
                new CheckResult(0, Optional.of(0.0), Optional.of(List.of(shortKey("aa"), key("bb")))));

        var keys = server.api().get(repository + "/keys");
        assertThat(keys.at("/items/0/expected")).isEqualTo("true");
        assertThat(keys.at("/items/1/key_id")).isEqualTo("bb".repeat(32));
        assertThat(keys.at("/items/1/expected")).isEqualTo("false");
        assertThat(server.api().get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("repository.key_found");

        assertThat(server.api()
                        .post(repository + "/keys/" + "bb".repeat(32) + "/expect", "{}")
                        .status())
                .isEqualTo(204);
        end(Map.of("kind", "stats"), Optional.empty(), stats(1, key("bb")));
        assertThat(server.api().get(repository + "/keys").at("/items/0/expected"))
                .isEqualTo("true");
        assertThat(server.api().post(repository + "/keys/cc/expect", "{}").outcome())
                .isEqualTo("404 not_found");
    }

    @Test
    void a_locks_owner_is_alive_if_its_host_runs_a_job_and_dead_if_it_runs_none() throws Exception {
        assertThat(lock("web").at("/items/0/alive")).isEqualTo("no");
        assertThat(lock("web").at("/items/0/host_id")).isEqualTo(web.hostId());
        assertThat(lock("web").at("/items/0/age_seconds")).isEqualTo("600");
        assertThat(lock("elsewhere").at("/items/0/alive")).isEqualTo("unknown");

        var command = command(Map.of("kind", "check"));
        agent.sendAndDrain(new ToServer.JobStarted(
                ++sequence,
                command.jobId(),
                JobKind.CHECK,
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty(),
                server.now()));
        assertThat(lock("web").at("/items/0/alive")).isEqualTo("yes");
    }

    /** The answer while the repository has a lock of this machine. */
    private ApiResponse lock(String machine) throws Exception {
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                return server.api().get(repository + "/locks");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        var question = agent.receive(ToAgent.Question.class);
        var at = server.now().minusSeconds(600).toString();
        agent.send(new ToServer.Answer(
                question.id(),
                new LocksReport(List.of(new RepositoryLock("c0ffee", true, machine, "root", 4711, at)), 1)));
        return answer.join();
    }

    private static StatsResult stats(long size, RepositoryKey... keys) {
        return new StatsResult(size, Optional.empty(), 7, 2, Optional.of(List.of(keys)));
    }

    private static RepositoryKey key(String byteText) {
        return new RepositoryKey(byteText.repeat(32), false, "root", "web", "2026-03-01 12:00:00");
    }

    private static RepositoryKey shortKey(String byteText) {
        return new RepositoryKey(byteText.repeat(4), false, "root", "web", "2026-03-01 12:00:00");
    }

    private ApiResponse shown() throws Exception {
        return server.api().get(repository);
    }

    private ApiResponse start(Map<String, ?> body) throws Exception {
        return server.api().post(repository + "/jobs", body);
    }

    private JobSpec order(Map<String, ?> body) throws Exception {
        return (JobSpec) command(body).order();
    }

    private ToAgent.CommandRun command(Map<String, ?> body) throws Exception {
        var started = start(new HashMap<>(body));
        assertThat(started.outcome()).as(started.text()).isEqualTo("202");
        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(command.jobId().value()).isEqualTo(started.at("/job_id"));
        return command;
    }

    private void end(Map<String, ?> body, Optional<DataPart> part, Optional<ErrorCode> code, JobResult result)
            throws Exception {
        var command = command(body);
        assertThat(((JobSpec.Check) command.order()).readData()).isEqualTo(part);
        end(command, code, result);
    }

    private void end(Map<String, ?> body, Optional<ErrorCode> code, JobResult result) throws Exception {
        end(command(body), code, result);
    }

    private void end(ToAgent.CommandRun command, Optional<ErrorCode> code, JobResult result) throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        agent.sendAndDrain(reports.ended(++sequence, command, code, result));
    }
}
