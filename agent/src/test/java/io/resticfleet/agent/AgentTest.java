package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.state.StateLock;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.OpenJobs;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole agent: what it reports of itself, and what it does on messages that start no job. */
class AgentTest {

    @TempDir
    Path root;

    private AgentHarness harness;

    @BeforeEach
    void start() throws Exception {
        harness = new AgentHarness(root);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void another_time_zone_is_reported_at_once_and_another_restic_within_a_minute() throws Exception {
        harness.close();
        harness = new AgentHarness(root, root.resolve("bin").toString());
        var first = harness.server.welcomed().received(Hello.class).get(0);

        harness.zone = ZoneId.of("Asia/Tokyo");
        var moved = harness.server.welcomed().received(Hello.class).get(0);
        Files.createDirectories(root.resolve("bin"));
        Files.createSymbolicLink(root.resolve("bin/restic"), Path.of("/usr/bin/restic"));
        harness.skipped.addAndGet(Duration.ofMinutes(1).toNanos());
        var upgraded = harness.server.welcomed().received(Hello.class).get(0);

        assertThat(first.timeZone()).isEqualTo("Z");
        assertThat(first.timeZoneSince()).isEmpty();
        assertThat(moved.timeZone()).isEqualTo("Asia/Tokyo");
        assertThat(moved.timeZoneSince()).contains(harness.now);
        assertThat(moved.resticVersion()).isEmpty();
        assertThat(upgraded.resticVersion()).isPresent();
        assertThat(upgraded.instanceId()).isEqualTo(first.instanceId());
    }

    @Test
    void sends_a_signed_hello_and_then_heartbeats() {
        var connection = harness.server.connection();

        var hello = connection.receive(Hello.class);
        assertThat(HelloProof.verify(hello, "nonce-0", harness.keys.getPublic()))
                .isTrue();
        assertThat(hello.resticVersion()).contains("0.14.0");
        assertThat(hello.scheduleVersion()).isZero();
        connection.send(FakeServer.welcome(harness.now));
        var heartbeat = connection.receive(ToServer.Heartbeat.class);
        assertThat(heartbeat.wallClock()).isEqualTo(harness.now);
        assertThat(heartbeat.jobs()).contains(new OpenJobs(List.of(), List.of()));
        assertThat(heartbeat.disk())
                .hasValueSatisfying(disk -> assertThat(disk.freeBytes()).isBetween(0L, disk.totalBytes()));
    }

    @Test
    void the_instance_id_is_the_same_until_the_agent_restarts() {
        var first = harness.server.welcomed();
        first.drop();
        var second = harness.server.welcomed();
        harness.agent.close();
        harness.startAgent();
        var third = harness.server.welcomed();

        var instance = first.receive(Hello.class).instanceId();
        assertThat(instance).isPresent();
        assertThat(second.receive(Hello.class).instanceId()).isEqualTo(instance);
        assertThat(third.receive(Hello.class).instanceId()).isPresent().isNotEqualTo(instance);
    }

    @Test
    void the_policy_is_reported_on_each_connection_and_when_it_changes() throws Exception {
        var first = harness.server.welcomed();
        assertThat(first.receive(ToServer.PolicyReport.class).policy().hooks()).isEqualTo(HookRule.LOCAL_ONLY);

        Files.writeString(root.resolve("policy.json"), "{\"hooks\":\"off\",\"repositories\":[\"rest\"]}");
        var changed = first.receive(ToServer.PolicyReport.class, 2).get(1).policy();
        Files.writeString(root.resolve("policy.json"), "{\"hooks\":");
        var torn = first.receive(ToServer.PolicyReport.class, 3).get(2).policy();
        first.drop();
        var second = harness.server.welcomed();

        assertThat(changed.hooks()).isEqualTo(HookRule.OFF);
        assertThat(changed.repositories()).containsExactly("rest");
        assertThat(changed.file()).isEqualTo(root + "/policy.json");
        assertThat(torn.problem().orElseThrow()).contains("not JSON");
        assertThat(second.receive(ToServer.PolicyReport.class).policy()).isEqualTo(torn);
    }

    @Test
    void an_invalid_hostname_is_refused_with_its_repository() {
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.send(new ToAgent.ConfigUpdate(
                "web\n01",
                new Repository(new RepositoryUrl("/x"), Optional.empty(), Optional.empty(), "x"),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));

        assertThat(connection.receive(ToServer.Error.class).code()).isEqualTo("invalid_hostname");
        assertThat(root.resolve("state/credentials.json")).content().contains("\"hostname\":\"web-01\"");
    }

    @Test
    void an_agent_with_a_clone_starts_to_use_run_ids_of_its_own() {
        var connection = harness.server.welcomed();

        connection.send(new ToAgent.CloneNotice(harness.now));

        eventually(() ->
                assertThat(root.resolve("state/twin.json")).content().contains("\"from\":\"2026-03-01T12:00:30Z\""));
    }

    @Test
    void an_unreadable_frame_is_answered_with_an_error() {
        var connection = harness.server.welcomed();
        connection.sendRaw("{\"type\":\"no.such.thing\"}");
        connection.sendRaw("not json");
        connection.send(new ToAgent.ScheduleSet(1, List.of()));

        assertThat(connection.receive(ToServer.ScheduleAck.class).version()).isEqualTo(1);
        assertThat(connection.received(ToServer.Error.class)).hasSize(2);
    }

    @Test
    void a_repository_that_has_snapshots_already_is_listed_without_a_job() {
        var first = harness.server.welcomed();
        harness.configure(first);
        first.send(harness.backup(AgentHarness.JOB));
        first.receive(ToServer.SnapshotsReport.class);
        first.drop();
        var second = harness.server.welcomed();
        second.send(new ToAgent.SnapshotsAsk());

        harness.configure(second, "web-01", Optional.of(new RepositoryId(AgentHarness.ID)));

        var offer = second.receive(SnapshotsOffer.class);
        assertThat(offer.total()).isEqualTo(1);
        assertThat(offer.repositoryId()).isEqualTo(new RepositoryId(AgentHarness.ID));
        harness.configure(second, "another-name", Optional.of(new RepositoryId(AgentHarness.ID)));
        assertThat(second.receive(SnapshotsOffer.class, 2).get(1).total()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void an_agent_with_damaged_files_starts_and_backs_up_once_it_is_configured_again(String damage) throws Exception {
        var first = harness.scheduled();
        first.send(new ToAgent.CloneNotice(harness.now));
        first.send(harness.backup(AgentHarness.JOB));
        assertThat(AgentHarness.ends(first, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
        eventually(() -> assertThat(root.resolve("state/twin.json")).exists());
        harness.agent.close();
        try (var files = Files.list(root.resolve("state"))) {
            for (var file :
                    files.filter(file -> file.toString().endsWith(".json")).toList()) {
                Files.writeString(file, damage);
            }
        }

        harness.startAgent();
        var second = harness.scheduled();
        second.send(harness.backup(AgentHarness.OTHER_JOB));

        assertThat(AgentHarness.ends(second, AgentHarness.OTHER_JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_second_agent_on_the_same_state_directory_is_refused() throws Exception {
        var state = StateDirectory.open(root.resolve("other"));
        var lock = StateLock.take(state).orElseThrow();

        assertThat(StateLock.take(state)).isEmpty();
        lock.close();
        StateLock.take(state).orElseThrow().close();
    }
}
