package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server says twice, late or in another order has one effect; and what an agent tells one that was restored. */
class ReplayTest {

    static final String ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    static final String JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    static final Instant NOON = Instant.parse("2026-03-01T12:00:30Z");

    @TempDir
    Path root;

    FakeServer server;
    KeyPair keys;
    Agent agent;

    @BeforeEach
    void start() throws Exception {
        server = new FakeServer();
        keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        startAgent();
    }

    private void startAgent() {
        var identity = new Identity(
                "host-1",
                "web-01",
                new ServerAddress(server.url()),
                Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()),
                Optional.empty());
        agent = Agent.start(
                Storage.open(root),
                identity,
                new Agent.Surroundings(
                        () -> NOON,
                        System::nanoTime,
                        ZoneOffset.UTC,
                        new ResticProgram("restic", "/usr/bin:/bin"),
                        new PolicyFile(root.resolve("policy.json"), HookRule.LOCAL_ONLY),
                        new LinkTimes(
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(40),
                                Duration.ofSeconds(60),
                                Duration.ofMillis(100),
                                Duration.ofMillis(400),
                                Duration.ofMillis(400),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1),
                                Duration.ofMinutes(5)),
                        Limits.DEFAULT,
                        Duration.ofMillis(50)));
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void old_messages_in_any_order_do_no_harm(long seed) {
        var first = server.welcomed();
        var end = runTo(first);
        first.drop();

        var second = server.welcomed();
        var random = new Random(seed);
        var again = new ArrayList<ToAgent>(said());
        again.addAll(said());
        again.add(new ToAgent.CommandHold(JOB, "busy"));
        again.add(new ToAgent.CommandRefuse(JOB, "no"));
        again.add(new ToAgent.CommandCancel(JOB));
        again.add(new ToAgent.LogAck(JOB, 1));
        again.add(new ToAgent.EventAck(end.sequence()));
        again.add(new ToAgent.EventAck(1));
        again.add(new ToAgent.EventAck(Long.MAX_VALUE));
        again.add(new ToAgent.Welcome("1", 10, NOON, Optional.of("an old epoch"), Optional.of(0L)));
        Collections.shuffle(again, random);
        again.forEach(second::say);
        second.say(new ToAgent.CommandRun(
                "01ARZ3NDEKTSV4RRFFQ69G5FB1", JobKind.CHECK, JobTrigger.MANUAL, Optional.empty(), Optional.empty()));

        // A marker: the agent runs one job at a time.
        assertThat(second.hears(ToServer.JobFinished.class).jobId()).isEqualTo("01ARZ3NDEKTSV4RRFFQ69G5FB1");
        assertThat(second.hears(ToServer.JobFinished.class).sequence()).isGreaterThan(end.sequence());
        assertThat(second.heard(ToServer.ScheduleAck.class))
                .as("seed " + seed)
                .hasSize(6)
                .extracting(ToServer.ScheduleAck::version)
                .containsOnly(3L);
        second.drop();
        assertThat(server.connection().hears(ToServer.Hello.class).serverEpoch())
                .isEmpty();
    }

    @Test
    void a_restored_server_is_told_what_it_has_lost_and_what_the_machine_holds() {
        var first = server.connection();
        assertThat(first.hears(ToServer.Hello.class).serverEpoch()).isEmpty();
        first.say(welcome("epoch-1", 0));
        var end = runTo(first);
        first.drop();

        var restored = server.connection();
        var hello = restored.hears(ToServer.Hello.class);
        assertThat(hello.serverEpoch()).contains("epoch-1");
        assertThat(hello.ackedSequence()).contains(end.sequence());
        restored.say(welcome("epoch-2", 0));
        restored.say(new ToAgent.ScheduleAsk());

        assertThat(restored.hears(ToServer.JobFinished.class)).isEqualTo(end);
        var held = restored.hears(ToServer.ScheduleHeld.class);
        assertThat(held.version()).isEqualTo(3);
        assertThat(held.schedules()).containsExactly(manual());
        restored.drop();
        assertThat(server.connection().hears(ToServer.Hello.class).serverEpoch())
                .contains("epoch-2");
    }

    /** A job's end, once the agent has nothing more to say. */
    private static ToServer.JobFinished runTo(FakeServer.Connection connection) {
        said().forEach(connection::say);
        var end = connection.hears(ToServer.JobFinished.class);
        connection.hears(ToServer.LogStream.class);
        connection.say(new ToAgent.EventAck(end.sequence()));
        connection.say(new ToAgent.ScheduleSet(3, List.of(manual()))); // a marker
        connection.hears(ToServer.ScheduleAck.class, 4);
        return end;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{"})
    void an_agent_whose_notes_are_damaged_starts_and_gives_no_sequence_twice(String damage) throws Exception {
        var first = server.connection();
        first.say(welcome("epoch-1", 0));
        var end = runTo(first);
        agent.close();
        for (var note : List.of("planner.json", "ended-jobs.json", "schedules.json", "server.json", "outbox/highest")) {
            Files.writeString(root.resolve(note), damage);
        }
        Files.writeString(root.resolve("outbox/lost"), damage);

        startAgent();

        var second = server.welcomed();
        second.say(new ToAgent.CommandRun(
                "01ARZ3NDEKTSV4RRFFQ69G5FB1", JobKind.CHECK, JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        assertThat(second.hears(ToServer.JobFinished.class).sequence()).isGreaterThan(end.sequence());
        assertThat(root.resolve("planner.json.damaged")).exists();
    }

    private static ToAgent.Welcome welcome(String epoch, long stored) {
        return new ToAgent.Welcome("1", 10, NOON, Optional.of(epoch), Optional.of(stored));
    }

    /** Without a repository, so that jobs end at once. */
    private static List<ToAgent> said() {
        return List.of(
                new ToAgent.ScheduleSet(1, List.of()),
                new ToAgent.ScheduleSet(2, List.of()),
                new ToAgent.ScheduleSet(3, List.of(manual())),
                new ToAgent.CommandRun(JOB, JobKind.CHECK, JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
    }

    private static Schedule manual() {
        return new Schedule(
                ID,
                JobKind.BACKUP,
                "nightly",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of("/etc"),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0);
    }
}
