package io.resticfleet.server.enrollment;

import static io.resticfleet.server.Samples.NIGHTLY;
import static io.resticfleet.server.enrollment.ReplacementBench.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.AgentIdentity;
import io.resticfleet.server.ApiClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A machine that takes the place of a host's former one. */
class ReplacementTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path elsewhere;

    private SampleReports reports;

    private EnrolledAgent web;
    private ReplacementBench bench;
    private String schedule;

    @BeforeEach
    void join() throws Exception {
        reports = new SampleReports(server);
        web = server.enrol("web");
        bench = new ReplacementBench(server, web);
        schedule = web.addSchedule(NIGHTLY);
    }

    @Test
    void the_new_machine_is_the_same_host_and_the_former_one_is_refused_at_once() throws Exception {
        var former = web.connectInSync();
        former.sendAndDrain(reports.started(50, SampleReports.id(1), Optional.of(schedule), Optional.empty()));

        var line = bench.line();
        assertThat(line.at("/command"))
                .isEqualTo("{ echo RESTIC_FLEET_TOKEN=" + line.at("/token") + "; curl -fsS " + server.url()
                        + "/agent/install.sh; } | sudo bash -s -- --server " + server.url() + " --replace");
        assertThat(line.at("/expires_at")).isEqualTo("2026-03-01T13:00:00Z");
        assertThat(former.isClosed()).isFalse();
        var joined = bench.join(line, "rescue", Optional.empty());
        var fresh = bench.agent(joined);

        assertThat(joined.status()).isEqualTo(201);
        assertThat(joined.at("/host_id")).isEqualTo(web.hostId());
        assertThat(joined.at("/hostname")).isEqualTo("web");
        assertThat(joined.at("/replacement")).isEqualTo("true");
        assertThat(former.closeCode()).isEqualTo(4003);
        assertThat(bench.refusal(web)).isEqualTo("replaced");
        assertThat(bench.refusal(web, SampleHellos.withFeatures(web.hello(1, server.now()), List.of())))
                .as("an agent that does not know replacements")
                .isEqualTo("host_deleted");
        assertThat(job("/status")).isEqualTo("interrupted");
        assertThat(job("/error")).contains("another machine has taken the place");

        var agent = server.dial();
        agent.send(fresh.sign(
                fresh.hello(0, server.now()),
                agent.receive(ToAgent.Challenge.class).nonce()));
        assertThat(agent.receive(ToAgent.Welcome.class).storedSequence()).isEmpty();
        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
        var set = agent.receive(ToAgent.ScheduleSet.class);
        assertThat(set.schedules()).extracting(one -> one.id().value()).containsExactly(schedule);
        assertThat(server.api().get("/api/hosts").json().path("items")).hasSize(1);
        assertThat(server.api().get("/api/restored").json().path("items")).isEmpty();
        assertThat(replacement("/last/replaced_by")).isEqualTo("anna");
        assertThat(replacement("/last/connected")).isEqualTo("true");
        assertThat(replacement("/last/former_refused_at")).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(server.api().get("/api/audit").json().path("items"))
                .extracting(entry -> entry.path("action").asText() + " by "
                        + entry.path("actor").asText())
                .startsWith("host.replace by anna (enrolment token)", "host.replacement_token by anna");

        agent.drain();
        agent.sendAndDrain(reports.started(1, SampleReports.id(2), Optional.of(schedule), Optional.empty()));
        agent.sendAndDrain(reports.finished(2, SampleReports.id(2), schedule));
        assertThat(server.api().get("/api/jobs/" + SampleReports.id(2)).at("/status"))
                .isEqualTo("succeeded");
        assertThat(server.sql("SELECT stored_sequence FROM hosts")).containsExactly("2");
    }

    @Test
    void a_former_machine_that_connects_at_that_very_moment_does_not_stay() throws Exception {
        var token = bench.line();
        var dialled = new ConcurrentLinkedQueue<AgentClient>();
        var threads = Executors.newFixedThreadPool(3);
        var tries = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
            tries.add(threads.submit(() -> {
                Optional<ToAgent> answer;
                do {
                    var agent = server.dial();
                    dialled.add(agent);
                    var nonce = agent.receive(ToAgent.Challenge.class).nonce();
                    agent.send(web.sign(web.hello(0, server.now()), nonce));
                    answer = agent.receiveUnlessClosed();
                } while (answer.filter(ToAgent.Reject.class::isInstance).isEmpty());
                return answer;
            }));
        }

        var joined = bench.join(token, "new", Optional.empty());
        for (var one : tries) {
            one.get();
        }
        threads.shutdown();

        assertThat(joined.status()).isEqualTo(201);
        for (var agent : dialled) {
            assertThat(agent.closeCode()).isIn(1008, 4000, 4003);
        }
        bench.agent(joined).connectInSync();
        assertThat(server.sql("SELECT public_key FROM hosts")).containsExactly(bench.publicKey());
    }

    @Test
    void a_token_works_once_for_an_hour_and_only_the_newest_of_a_host() throws Exception {
        var earlier = bench.line();
        var token = bench.line();
        assertThat(replacement("/prepared/created_by")).isEqualTo("anna");
        assertThat(bench.join(earlier, "new", Optional.empty()).outcome()).isEqualTo("401 bad_token");
        assertThat(bench.join(token, "new", Optional.empty()).status()).isEqualTo(201);
        assertThat(bench.join(token, "another", Optional.empty()).outcome()).isEqualTo("401 bad_token");
        assertThat(replacement("/prepared")).isEqualTo("null");

        var late = bench.line();
        server.clock().advance(Duration.ofMinutes(61));
        var refused = bench.join(late, "late", Optional.empty());
        assertThat(refused.outcome()).isEqualTo("401 bad_token");
        assertThat(refused.at("/detail")).contains("expired");
        assertThat(replacement("/prepared")).isEqualTo("null");
    }

    @Test
    void the_answer_that_was_lost_is_repeated_to_the_same_machine() throws Exception {
        var token = bench.line().at("/token");
        var keys = AgentIdentity.publicKey(AgentIdentity.newKeys());
        var body = ApiClient.json(Samples.enrolment(token, "new", keys));

        var first = server.api().request("POST", "/api/agents/enroll", body);
        var again = server.api().request("POST", "/api/agents/enroll", body);

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.replace'"))
                .containsExactly("1");
    }

    @Test
    void only_a_signed_in_user_who_gives_the_password_again_makes_a_token() throws Exception {
        assertThat(server.api().post(bench.path(), Map.of("password", PASSWORD)).outcome())
                .isEqualTo("403 session_required");
        assertThat(server.api()
                        .request("POST", bench.path(), ApiClient.json(Map.of("password", PASSWORD)))
                        .status())
                .isEqualTo(401);
        assertThat(bench.ask("/api/hosts/01KJMMA2G01PT4DS66WCJH58TF/replacements", PASSWORD)
                        .status())
                .isEqualTo(404);
        for (int i = 0; i < 5; i++) {
            assertThat(bench.ask(bench.path(), "wrong").outcome()).isEqualTo("401 bad_credentials");
        }
        assertThat(bench.ask(bench.path(), PASSWORD).outcome()).isEqualTo("429 rate_limited");
        assertThat(server.sql("SELECT count(*) FROM enrollment_tokens WHERE replaces_host_id IS NOT NULL"))
                .containsExactly("0");
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'auth.login_failed'"))
                .containsExactly("5");

        server.clock().advance(Duration.ofMinutes(16));
        assertThat(bench.ask(bench.path(), PASSWORD).status()).isEqualTo(201);
        assertThat(server.api().get("/api/audit").text()).doesNotContain(PASSWORD);
    }

    @Test
    void a_host_is_replaced_again_and_all_former_machines_stay_refused_also_when_it_is_deleted() throws Exception {
        var second = bench.agent(bench.join(bench.line(), "second", Optional.empty()));
        second.connectInSync();
        var third = bench.agent(bench.join(bench.line(), "third", Optional.empty()));

        assertThat(bench.refusal(web)).isEqualTo("replaced");
        assertThat(bench.refusal(second)).isEqualTo("replaced");
        third.connectInSync();

        server.stop();
        server.start();
        assertThat(bench.refusal(web)).isEqualTo("replaced");
        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(bench.refusal(web)).isEqualTo("replaced");
        assertThat(bench.refusal(second)).isEqualTo("replaced");
        assertThat(bench.refusal(third)).isEqualTo("host_deleted");
        assertThat(bench.refusal(third.withOtherKey())).isEqualTo("unknown_host");
    }

    @Test
    void clones_of_the_former_machine_are_forgotten_and_refused() throws Exception {
        clone("one");
        clone("other");
        clone("one").receive(ToAgent.CloneNotice.class);
        assertThat(twins()).isEqualTo(2);

        var fresh = bench.agent(bench.join(bench.line(), "new", Optional.empty()));

        assertThat(twins()).isZero();
        assertThat(server.sql("SELECT count(*) FROM cloned_agents")).containsExactly("0");
        assertThat(bench.refusal(web, SampleHellos.ofProcess(web.hello(0, server.now()), "other")))
                .isEqualTo("replaced");
        assertThat(fresh.connect().drain()).noneMatch(ToAgent.CloneNotice.class::isInstance);
        assertThat(twins()).isZero();
    }

    @Test
    void a_token_outlives_a_restart_of_the_server_and_so_does_a_machine_that_has_not_connected_yet() throws Exception {
        var token = bench.line();
        server.stop();
        server.start();
        var fresh = bench.agent(bench.join(token, "new", Optional.empty()));
        server.stop();
        server.start();

        assertThat(replacement("/last/connected")).isEqualTo("false");
        assertThat(bench.refusal(web)).isEqualTo("replaced");
        fresh.connectInSync();
        assertThat(replacement("/last/connected")).isEqualTo("true");
    }

    @Test
    void a_new_machine_has_nothing_to_decide_about_after_the_database_was_restored() throws Exception {
        web.connectInSync();
        var fresh = bench.agent(bench.join(bench.line(), "new", Optional.empty()));
        restored(copy());

        assertThat(fresh.connect().drain()).anyMatch(ToAgent.ScheduleSet.class::isInstance);
        assertThat(server.api().get("/api/restored").json().path("items")).isEmpty();
        assertThat(bench.refusal(web)).isEqualTo("replaced");
    }

    @Test
    void after_a_restore_from_before_the_replacement_the_new_machine_joins_again_with_another_token() throws Exception {
        web.connectInSync();
        var before = copy();
        var fresh = bench.agent(bench.join(bench.line(), "new", Optional.empty()));
        fresh.connectInSync();
        restored(before);

        assertThat(bench.refusal(fresh)).as("its schedules keep running").isEqualTo("bad_signature");
        var again = bench.join(bench.line(), "new", Optional.of(web.hostId()));

        assertThat(again.status()).as(again.text()).isEqualTo(201);
        assertThat(server.api().get("/api/restored").json().path("items")).isEmpty();
        bench.agent(again).connectInSync();
        assertThat(bench.refusal(web)).isEqualTo("replaced");
    }

    @Test
    void a_machine_that_is_another_host_or_was_this_one_is_not_taken_by_mistake() throws Exception {
        var nas = server.enrol("nas");
        var token = bench.line();

        var mistaken = bench.join(token, "nas", Optional.of(nas.hostId()));
        assertThat(mistaken.outcome()).isEqualTo("409 already_enrolled");
        var key = AgentIdentity.publicKey(web.identity().keys());
        assertThat(bench.join(token, "web", Optional.of(web.hostId()), key).outcome())
                .isEqualTo("409 key_used");
        assertThat(bench.refusal(web)).isEqualTo("");

        assertThat(bench.join(token, "new", Optional.empty()).status()).isEqualTo(201);
        assertThat(bench.join(bench.line(), "web", Optional.empty(), key).outcome())
                .isEqualTo("409 key_used");
    }

    @Test
    void the_time_zone_and_the_applied_version_follow_the_new_machine() throws Exception {
        web.connectInSync();
        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/schedules").at("/applied_version"))
                .isEqualTo("1");
        var fresh = bench.agent(bench.join(bench.line(), "new", Optional.empty()));
        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/schedules").at("/applied_version"))
                .isEqualTo("0");

        var agent = server.dial();
        agent.send(fresh.sign(
                SampleHellos.inZone(fresh.hello(0, server.now()), "Asia/Tokyo", Optional.empty()),
                agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();

        assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/time_zone"))
                .isEqualTo("Asia/Tokyo");
    }

    @Test
    void a_repository_that_needs_something_on_the_new_machine_is_named() throws Exception {
        var local = server.enrol("local", Map.of("repository", Map.of("url", "/srv/backup")));

        var answer = bench.ask("/api/hosts/" + local.hostId() + "/replacements", PASSWORD);

        assertThat(answer.text()).contains("/srv/backup is a directory of the former machine");
        var remote = server.enrol(
                "remote",
                Map.of("repository", Map.of("url", "sftp:backup@nas:/srv/backup", "repo_password", "secret")));
        assertThat(bench.ask("/api/hosts/" + remote.hostId() + "/replacements", PASSWORD)
                        .text())
                .contains("sftp:backup@nas:/srv/backup is reached by SSH: the new machine has a key of its own");
    }

    private Path copy() throws Exception {
        var copy = elsewhere.resolve("copy.db");
        DatabaseFile.copy(server.directory(), copy);
        return copy;
    }

    private void restored(Path copy) {
        server.stop();
        TestServer.restore(server.directory(), copy, () -> server.now());
        server.start();
    }

    private AgentClient clone(String process) throws Exception {
        server.clock().advance(Duration.ofSeconds(60));
        var agent = server.dial();
        agent.send(web.sign(
                SampleHellos.ofProcess(web.hello(0, server.now()), process),
                agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.ScheduleSet.class);
        return agent;
    }

    private int twins() throws Exception {
        return server.api()
                .get("/api/hosts/" + web.hostId())
                .json()
                .path("twins")
                .size();
    }

    private String job(String field) throws Exception {
        return server.api().get("/api/jobs/" + SampleReports.id(1)).at(field);
    }

    private String replacement(String field) throws Exception {
        return server.api().get(bench.path()).at(field);
    }
}
