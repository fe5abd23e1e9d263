package io.resticfleet.server.enrollment;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.AgentIdentity;
import io.resticfleet.server.ApiClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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

    private static final String PASSWORD = "correct horse";

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path elsewhere;

    private SampleReports reports;

    /** The key of the last machine that tried to join. */
    private KeyPair keys;

    private EnrolledAgent web;
    private String schedule;

    @BeforeEach
    void join() throws Exception {
        reports = new SampleReports(server);
        web = server.enrol("web");
        schedule = web.addSchedule(NIGHTLY);
    }

    @Test
    void the_new_machine_is_the_same_host_and_the_former_one_is_refused_at_once() throws Exception {
        var former = web.connectInSync();
        former.sendAndDrain(reports.started(50, SampleReports.id(1), Optional.of(schedule), Optional.empty()));

        var line = line();
        assertThat(line.at("/command"))
                .isEqualTo("{ echo RESTIC_FLEET_TOKEN=" + line.at("/token") + "; curl -fsS " + server.url()
                        + "/agent/install.sh; } | sudo bash -s -- --server " + server.url() + " --replace");
        assertThat(line.at("/expires_at")).isEqualTo("2026-03-01T13:00:00Z");
        assertThat(former.isClosed()).isFalse();
        var joined = join(line, "rescue", Optional.empty());
        var fresh = agent(joined);

        assertThat(joined.status()).isEqualTo(201);
        assertThat(joined.at("/host_id")).isEqualTo(web.hostId());
        assertThat(joined.at("/hostname")).isEqualTo("web");
        assertThat(joined.at("/replacement")).isEqualTo("true");
        assertThat(former.closeCode()).isEqualTo(4003);
        assertThat(refusal(web)).isEqualTo("replaced");
        assertThat(refusal(web, SampleHellos.withFeatures(web.hello(1, server.now()), List.of())))
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
        var token = line();
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

        var joined = join(token, "new", Optional.empty());
        for (var one : tries) {
            one.get();
        }
        threads.shutdown();

        assertThat(joined.status()).isEqualTo(201);
        for (var agent : dialled) {
            assertThat(agent.closeCode()).isIn(1008, 4000, 4003);
        }
        agent(joined).connectInSync();
        assertThat(server.sql("SELECT public_key FROM hosts")).containsExactly(AgentIdentity.publicKey(keys));
    }

    @Test
    void a_token_works_once_for_an_hour_and_only_the_newest_of_a_host() throws Exception {
        var earlier = line();
        var token = line();
        assertThat(replacement("/prepared/created_by")).isEqualTo("anna");
        assertThat(join(earlier, "new", Optional.empty()).outcome()).isEqualTo("401 bad_token");
        assertThat(join(token, "new", Optional.empty()).status()).isEqualTo(201);
        assertThat(join(token, "another", Optional.empty()).outcome()).isEqualTo("401 bad_token");
        assertThat(replacement("/prepared")).isEqualTo("null");

        var late = line();
        server.clock().advance(Duration.ofMinutes(61));
        var refused = join(late, "late", Optional.empty());
        assertThat(refused.outcome()).isEqualTo("401 bad_token");
        assertThat(refused.at("/detail")).contains("expired");
        assertThat(replacement("/prepared")).isEqualTo("null");
    }

    @Test
    void the_answer_that_was_lost_is_repeated_to_the_same_machine() throws Exception {
        var token = line().at("/token");
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
        assertThat(server.api().post(path(), Map.of("password", PASSWORD)).outcome())
                .isEqualTo("403 session_required");
        assertThat(server.api()
                        .request("POST", path(), ApiClient.json(Map.of("password", PASSWORD)))
                        .status())
                .isEqualTo(401);
        assertThat(ask("/api/hosts/01KJMMA2G01PT4DS66WCJH58TF/replacements", PASSWORD)
                        .status())
                .isEqualTo(404);
        for (int i = 0; i < 5; i++) {
            assertThat(ask(path(), "wrong").outcome()).isEqualTo("401 bad_credentials");
        }
        assertThat(ask(path(), PASSWORD).outcome()).isEqualTo("429 rate_limited");
        assertThat(server.sql("SELECT count(*) FROM enrollment_tokens WHERE replaces_host_id IS NOT NULL"))
                .containsExactly("0");
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'auth.login_failed'"))
                .containsExactly("5");

        server.clock().advance(Duration.ofMinutes(16));
        assertThat(ask(path(), PASSWORD).status()).isEqualTo(201);
        assertThat(server.api().get("/api/audit").text()).doesNotContain(PASSWORD);
    }

    @Test
    void a_host_is_replaced_again_and_all_former_machines_stay_refused_also_when_it_is_deleted() throws Exception {
        var second = agent(join(line(), "second", Optional.empty()));
        second.connectInSync();
        var third = agent(join(line(), "third", Optional.empty()));

        assertThat(refusal(web)).isEqualTo("replaced");
        assertThat(refusal(second)).isEqualTo("replaced");
        third.connectInSync();

        server.stop();
        server.start();
        assertThat(refusal(web)).isEqualTo("replaced");
        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(refusal(web)).isEqualTo("replaced");
        assertThat(refusal(second)).isEqualTo("replaced");
        assertThat(refusal(third)).isEqualTo("host_deleted");
        assertThat(refusal(third.withOtherKey())).isEqualTo("unknown_host");
    }

    @Test
    void clones_of_the_former_machine_are_forgotten_and_refused() throws Exception {
        clone("one");
        clone("other");
        clone("one").receive(ToAgent.CloneNotice.class);
        assertThat(twins()).isEqualTo(2);

        var fresh = agent(join(line(), "new", Optional.empty()));

        assertThat(twins()).isZero();
        assertThat(server.sql("SELECT count(*) FROM cloned_agents")).containsExactly("0");
        assertThat(refusal(web, SampleHellos.ofProcess(web.hello(0, server.now()), "other")))
                .isEqualTo("replaced");
        assertThat(fresh.connect().drain()).noneMatch(ToAgent.CloneNotice.class::isInstance);
        assertThat(twins()).isZero();
    }

    @Test
    void a_token_outlives_a_restart_of_the_server_and_so_does_a_machine_that_has_not_connected_yet() throws Exception {
        var token = line();
        server.stop();
        server.start();
        var fresh = agent(join(token, "new", Optional.empty()));
        server.stop();
        server.start();

        assertThat(replacement("/last/connected")).isEqualTo("false");
        assertThat(refusal(web)).isEqualTo("replaced");
        fresh.connectInSync();
        assertThat(replacement("/last/connected")).isEqualTo("true");
    }

    @Test
    void a_new_machine_has_nothing_to_decide_about_after_the_database_was_restored() throws Exception {
        web.connectInSync();
        var fresh = agent(join(line(), "new", Optional.empty()));
        restored(copy());

        assertThat(fresh.connect().drain()).anyMatch(ToAgent.ScheduleSet.class::isInstance);
        assertThat(server.api().get("/api/restored").json().path("items")).isEmpty();
        assertThat(refusal(web)).isEqualTo("replaced");
    }

    @Test
    void after_a_restore_from_before_the_replacement_the_new_machine_joins_again_with_another_token() throws Exception {
        web.connectInSync();
        var before = copy();
        var fresh = agent(join(line(), "new", Optional.empty()));
        fresh.connectInSync();
        restored(before);

        assertThat(refusal(fresh)).as("its schedules keep running").isEqualTo("bad_signature");
        var again = join(line(), "new", Optional.of(web.hostId()));

        assertThat(again.status()).as(again.text()).isEqualTo(201);
        assertThat(server.api().get("/api/restored").json().path("items")).isEmpty();
        agent(again).connectInSync();
        assertThat(refusal(web)).isEqualTo("replaced");
    }

    @Test
    void a_machine_that_is_another_host_or_was_this_one_is_not_taken_by_mistake() throws Exception {
        var nas = server.enrol("nas");
        var token = line();

        var mistaken = join(token, "nas", Optional.of(nas.hostId()));
        assertThat(mistaken.outcome()).isEqualTo("409 already_enrolled");
        var key = AgentIdentity.publicKey(web.identity().keys());
        assertThat(join(token, "web", Optional.of(web.hostId()), key).outcome()).isEqualTo("409 key_used");
        assertThat(refusal(web)).isEqualTo("");

        assertThat(join(token, "new", Optional.empty()).status()).isEqualTo(201);
        assertThat(join(line(), "web", Optional.empty(), key).outcome()).isEqualTo("409 key_used");
    }

    @Test
    void the_time_zone_and_the_applied_version_follow_the_new_machine() throws Exception {
        web.connectInSync();
        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/schedules").at("/applied_version"))
                .isEqualTo("1");
        var fresh = agent(join(line(), "new", Optional.empty()));
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

        var answer = ask("/api/hosts/" + local.hostId() + "/replacements", PASSWORD);

        assertThat(answer.text()).contains("/srv/backup is a directory of the former machine");
        var remote = server.enrol(
                "remote",
                Map.of("repository", Map.of("url", "sftp:backup@nas:/srv/backup", "repo_password", "secret")));
        assertThat(ask("/api/hosts/" + remote.hostId() + "/replacements", PASSWORD)
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

    private String path() {
        return "/api/hosts/" + web.hostId() + "/replacements";
    }

    private ApiResponse line() throws Exception {
        var answer = ask(path(), PASSWORD);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer;
    }

    private ApiResponse ask(String path, String password) throws Exception {
        return server.api()
                .request(
                        "POST",
                        path,
                        ApiClient.json(Map.of("password", password)),
                        "Cookie",
                        "rf_session=" + server.session(),
                        "Origin",
                        server.url());
    }

    private ApiResponse join(ApiResponse line, String hostname, Optional<String> replaces) throws Exception {
        keys = AgentIdentity.newKeys();
        return join(line, hostname, replaces, AgentIdentity.publicKey(keys));
    }

    private ApiResponse join(ApiResponse line, String hostname, Optional<String> replaces, String key)
            throws Exception {
        var body = new HashMap<>(Samples.enrolment(line.at("/token"), hostname, key));
        replaces.ifPresent(id -> body.put("replaces", id));
        return server.api().request("POST", "/api/agents/enroll", ApiClient.json(body));
    }

    private EnrolledAgent agent(ApiResponse joined) {
        return new EnrolledAgent(server, new AgentIdentity(joined.at("/host_id"), joined.at("/hostname"), keys));
    }

    private String refusal(EnrolledAgent machine) throws Exception {
        return refusal(machine, machine.hello(0, server.now()));
    }

    /** Code of the rejection; empty if it is welcome. */
    private String refusal(EnrolledAgent machine, Hello hello) throws Exception {
        var agent = server.dial();
        agent.send(machine.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        var answer = agent.receiveUnlessClosed().orElseThrow();
        if (answer instanceof ToAgent.Reject reject) {
            assertThat(reject.permanent()).isTrue();
            return reject.code();
        }
        return "";
    }

    private String job(String field) throws Exception {
        return server.api().get("/api/jobs/" + SampleReports.id(1)).at(field);
    }

    private String replacement(String field) throws Exception {
        return server.api().get(path()).at(field);
    }
}
