package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A compromised server against an agent with default settings: it can start, stop and skip backups and have files read,
 * and nothing else.
 *
 * <p>Every hostile text would create a file if a shell ran it or restic took it for an option; the restic here records
 * how it was called.
 */
@Tag("slow")
class HostileServerTest {

    @TempDir
    Path root;

    HostileServerHarness harness;
    Map<String, List<String>> frames;

    @BeforeEach
    void start() throws Exception {
        harness = new HostileServerHarness(root);
        frames = HostileFrames.of(harness);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    /** Fails when a new kind of message is not tried here. */
    @Test
    void every_kind_of_message_is_tried() {
        var kinds = Arrays.stream(ToAgent.class.getPermittedSubclasses())
                .map(kind -> kind.getAnnotation(JsonTypeName.class).value())
                .collect(Collectors.toSet());

        assertThat(frames.keySet()).isEqualTo(kinds);
    }

    @Test
    void no_message_makes_the_agent_do_more_than_backups() {
        var connection = harness.welcomed();
        harness.configure(connection, harness.root.resolve("repository").toString());

        frames.forEach((kind, all) -> {
            for (var frame : all) {
                connection.sendRaw(frame);
            }
        });

        harness.stillBacksUp(connection);
        harness.assertNothingElseHappened(connection);
    }

    @Test
    void nor_before_the_welcome_and_with_any_welcome() {
        for (var welcome : frames.get("welcome")) {
            var hostile = harness.server.connection();
            hostile.receive(Hello.class);
            frames.forEach((kind, all) -> {
                if (!Set.of("welcome", "reject").contains(kind)) {
                    all.forEach(hostile::sendRaw);
                }
            });
            hostile.sendRaw(welcome);
            hostile.drop();
        }

        var connection = harness.welcomed();
        harness.stillBacksUp(connection);
        harness.assertNothingElseHappened(connection);
    }

    @Test
    void no_hook_runs_whatever_its_name() {
        var connection = harness.welcomed();
        harness.configure(connection, harness.root.resolve("repository").toString());

        for (var text : harness.texts()) {
            var end = harness.run(connection, harness.backup(Map.of("hooks", Map.of("pre", text, "post", text))));

            assertThat(end.map(ToServer.JobFinished::errorCode))
                    .as(text)
                    .isIn(
                            Optional.of(Optional.of(ErrorCode.HOOKS_REFUSED.reported())),
                            Optional.of(Optional.of(ErrorCode.AGENT_ERROR.reported())),
                            Optional.empty());
        }

        harness.assertNothingElseHappened(connection);
    }

    @Test
    void no_field_of_a_schedule_becomes_an_option_of_restic() {
        var connection = harness.welcomed();
        harness.configure(connection, harness.root.resolve("repository").toString());
        int ran = 0;

        for (var text : harness.texts()) {
            var all = Map.of("name", text, "excludes", List.of(text), "paths", List.of("/" + text));
            ran += harness.run(connection, harness.backup(all)).map(end -> 1).orElse(0);
            ran += harness.run(connection, harness.backup(Map.of("tags", List.of(text))))
                    .map(end -> 1)
                    .orElse(0);
            ran += harness.run(connection, harness.backup(Map.of("paths", List.of("/etc", text))))
                    .map(end -> 1)
                    .orElse(0);
        }
        harness.run(
                connection,
                harness.backup(Map.of(
                        "options",
                        Map.of(
                                "one_file_system",
                                true,
                                "exclude_caches",
                                true,
                                "limit_upload_kib",
                                Integer.MAX_VALUE))));
        harness.run(
                connection,
                harness.backup(Map.of(
                        "options", Map.of("one_file_system", true, "exclude_caches", true, "limit_upload_kib", -1))));
        for (var within : List.of("1d --prune", "-1h", "30d\n--keep-last=0", "9999999999999y")) {
            harness.run(connection, harness.backup(Map.of("retention", harness.retention(0, within))));
        }
        harness.run(connection, harness.backup(Map.of("retention", harness.retention(Integer.MAX_VALUE, "1d"))));

        assertThat(ran).isGreaterThan(20); // otherwise nothing was tested
        harness.assertNothingElseHappened(connection);
    }

    @Test
    void no_repository_url_runs_a_program_or_opens_the_agents_own_files() {
        var connection = harness.welcomed();
        var urls = new ArrayList<String>();
        for (var text : harness.texts()) {
            for (var scheme : List.of(
                    "",
                    "/",
                    "local:",
                    "local:/",
                    "rclone:",
                    "rclone:r:",
                    "sftp:",
                    "sftp:nas:",
                    "sftp:u@",
                    "sftp://",
                    "rest:",
                    "rest:http://",
                    "rest:http://127.0.0.1:1/",
                    "s3:",
                    "b2:",
                    "gs:",
                    "azure:",
                    "swift:")) {
                urls.add(scheme + text);
            }
        }
        urls.addAll(List.of(
                harness.root + "/state",
                harness.root + "/state/jobs",
                "local:" + harness.root + "/outside/../state/home",
                harness.root + "/nowhere/../state/new",
                harness.root + "/state ",
                "local:" + harness.root + "/state/new ",
                harness.root + "/state/new\u00a0",
                "\ufeff" + harness.root + "//state/./new",
                harness.root + "/outside",
                "/dev/null",
                "/proc/self/root" + harness.root + "/state/home"));

        for (var url : urls) {
            harness.configure(connection, url);
        }
        for (int i = 0; i < urls.size(); i += 17) {
            harness.configure(connection, urls.get(i));
            harness.run(connection, JobKind.SNAPSHOTS);
        }
        for (var place : List.of("state", "state/jobs", "outside/../state/home", "outside")) {
            harness.configure(connection, "local:" + harness.root + "/" + place);

            assertThat(harness.run(connection, JobKind.INIT).orElseThrow().errorCode())
                    .as(place)
                    .contains((place.equals("outside") ? ErrorCode.NOT_EMPTY : ErrorCode.POLICY_REPOSITORY).reported());
        }
        harness.configure(connection, "/proc/self/root" + harness.root + "/state/home");
        assertThat(harness.run(connection, JobKind.INIT).orElseThrow().errorCode())
                .contains(ErrorCode.POLICY_REPOSITORY.reported());

        harness.assertNothingElseHappened(connection);
    }

    @Test
    void credentials_reach_restic_only_in_files_and_in_variables_of_their_backend() {
        var connection = harness.welcomed();
        for (var url : List.of("rest:http://127.0.0.1:1/", "s3:http://127.0.0.1:1/b", "b2:b:p", "/srv/none")) {
            for (var text : harness.texts()) {
                connection.sendRaw(harness.json(Map.of(
                        "type",
                        "config.update",
                        "hostname",
                        text,
                        "repository",
                        Map.of("url", url, "username", text, "password", text, "repo_password", text),
                        "repository_known",
                        true)));
            }
            for (var text : List.of(
                    "a\nRESTIC_PASSWORD_COMMAND=touch " + harness.marker(),
                    "--password-command=touch " + harness.marker())) {
                connection.sendRaw(harness.json(Map.of(
                        "type",
                        "config.update",
                        "hostname",
                        "web",
                        "repository",
                        Map.of("url", url, "username", text, "password", text, "repo_password", text),
                        "repository_known",
                        true)));
                harness.run(connection, JobKind.CHECK);
            }
        }

        harness.assertNothingElseHappened(connection);
    }

    @Test
    void a_flood_does_not_end_the_agent() {
        var connection = harness.welcomed();
        harness.configure(connection, harness.root.resolve("repository").toString());
        var ack = "{\"type\":\"log.ack\",\"job_id\":\"01J00000000000000000000001\",\"sequence\":9223372036854775807}";
        var outside = ack.replace("01J00000000000000000000001", "../../x");
        var unknown = "{\"type\":\"shell.run\",\"command\":\"touch " + harness.marker() + "\"}";
        for (int i = 0; i < 100_000; i++) {
            connection.sendRaw(i % 100 == 0 ? unknown : i % 100 == 50 ? outside : ack);
        }
        connection.sendRaw("{\"type\":\"error\",\"code\":\"x\",\"detail\":\"" + "y".repeat(10 << 20) + "\"}");
        connection.sendRaw("[".repeat(100_000));
        connection.sendRaw("{\"type\":\"error\",\"code\":\"x\",\"detail\":\"" + "y".repeat(17 << 20) + "\"}");
        connection.sendBinary(new byte[1 << 20]);

        assertThat(present(() -> connection.received(ToServer.Error.class).stream()
                        .filter(error -> error.code().equals("frame_too_long"))
                        .findFirst()))
                .isNotNull();
        harness.stillBacksUp(connection);
        harness.assertNothingElseHappened(connection);
    }

    @Test
    void a_set_too_large_to_be_held_is_refused_with_the_reason() {
        var connection = harness.welcomed();
        harness.configure(connection, harness.root.resolve("repository").toString());
        var before = connection.received(ToServer.ScheduleAck.class).size();

        connection.sendRaw(
                "{\"type\":\"schedule.set\",\"version\":5,\"schedules\":[" + "{},".repeat(1_700_000) + "{}]}");

        assertThat(present(() -> connection.received(ToServer.ScheduleAck.class).stream()
                        .skip(before)
                        .findFirst()))
                .satisfies(ack -> assertThat(ack.refused().orElseThrow()).contains("1000000 bytes"));
        harness.stillBacksUp(connection);
    }

    @Test
    void once_the_real_server_is_back_the_agent_works_as_before() {
        var hostile = harness.welcomed();
        hostile.sendRaw("{\"type\":\"schedule.set\",\"version\":" + Long.MAX_VALUE + ",\"schedules\":[]}");
        hostile.receive(ToServer.ScheduleAck.class);
        hostile.drop();
        var again = harness.server.connection();
        again.receive(Hello.class);
        again.sendRaw(harness.json(Map.of(
                "type",
                "welcome",
                "server_version",
                "1",
                "heartbeat_seconds",
                10,
                "server_time",
                "2026-03-01T12:00:00Z",
                "epoch",
                "x".repeat(100_000),
                "stored_sequence",
                Long.MAX_VALUE)));
        again.drop();

        var real = harness.server.connection();
        var hello = real.receive(Hello.class);
        real.sendRaw(frames.get("welcome").get(0));
        real.send(new ToAgent.ScheduleSet(hello.scheduleVersion() + 1, List.of()));

        assertThat(hello.serverEpoch().map(String::length).orElse(0)).isLessThan(1_000);
        assertThat(real.receive(ToServer.ScheduleAck.class))
                .isEqualTo(new ToServer.ScheduleAck(hello.scheduleVersion() + 1, Optional.empty()));
        harness.stillBacksUp(real);
        harness.assertNothingElseHappened(real);
        assertThat(real.received(ToServer.JobFinished.class)).allMatch(end -> end.sequence() < 1_000);
    }
}
