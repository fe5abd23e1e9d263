package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.agent.question.HangingMount;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Kind;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions that a whole agent answers, with the file system of this machine. */
@Tag("slow")
class QuestionTest {

    @TempDir
    Path root;

    AgentHarness harness;
    FakeServer.Connection connection;
    private int asked;

    @BeforeEach
    void start() throws Exception {
        harness = new AgentHarness(root);
        connection = harness.server.connection();
        assertThat(connection.receive(Hello.class).features().orElseThrow()).contains("question.path");
        connection.send(FakeServer.welcome(harness.now));
    }

    @AfterEach
    void stop() throws IOException {
        harness.close();
    }

    @Test
    void a_file_is_known_by_its_size() throws IOException {
        var file = Files.writeString(root.resolve("file"), "hello");

        assertThat(look(file))
                .isEqualTo(new PathReport(
                        Kind.FILE, true, Optional.of(5L), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void a_directory_is_counted_with_what_is_in_it_but_no_link_is_followed() throws IOException {
        var directory = Files.createDirectories(root.resolve("directory/in/depth"))
                .getParent()
                .getParent();
        Files.writeString(directory.resolve("a"), "12345");
        Files.writeString(directory.resolve("in/depth/b"), "123");
        Files.createSymbolicLink(directory.resolve("in/link"), Path.of("/usr"));

        assertThat(look(directory))
                .isEqualTo(directory(Kind.DIRECTORY, new PathReport.Count(3, 2, 8, 0, Optional.empty())));
    }

    @Test
    void an_empty_directory_holds_nothing() throws IOException {
        var report = look(Files.createDirectory(root.resolve("empty")));

        assertThat(report.kind()).isEqualTo(Kind.DIRECTORY);
        assertThat(report.count().orElseThrow().nothing()).isTrue();
    }

    @Test
    void a_directory_with_more_than_can_be_counted_is_cut_there() throws IOException {
        var directory = Files.createDirectory(root.resolve("many"));
        for (int i = 0; i < 100; i++) {
            var inside = Files.createDirectory(directory.resolve("f" + i));
            var file = Files.writeString(inside.resolve("file"), "");
            for (int j = 0; j < 1_000; j++) {
                Files.createLink(inside.resolve("" + j), file); // faster than as many files
            }
        }

        var count = look(directory).count().orElseThrow();

        assertThat(count.cut()).isPresent(); // by the number, or on a slow machine by the time
        assertThat(count.files() + count.directories()).isLessThanOrEqualTo(100_000);
    }

    @Test
    void a_mount_point_is_reported_and_entered_only_on_request() {
        var report = look(Path.of("/proc"));

        assertThat(report.kind()).isEqualTo(Kind.MOUNT_POINT);
        assertThat(report.count().orElseThrow().nothing()).isFalse();
        assertThat(look(Path.of("/")).kind()).isEqualTo(Kind.DIRECTORY);
    }

    @Test
    void a_mounted_directory_is_counted_only_without_one_file_system() throws Exception {
        var directory = Files.createDirectories(root.resolve("around/mounted"));
        var mount = new ProcessBuilder("mount", "-t", "tmpfs", "tmpfs", directory.toString()).start();
        assumeTrue(mount.waitFor() == 0, "this machine lets us mount nothing");
        try {
            Files.writeString(directory.resolve("inside"), "123");

            assertThat(((PathReport) answer(new Ask.Path(directory.getParent().toString(), true))).count())
                    .contains(new PathReport.Count(0, 1, 0, 0, Optional.empty()));
            assertThat(((PathReport) answer(new Ask.Path(directory.getParent().toString(), false))).count())
                    .contains(new PathReport.Count(1, 1, 3, 0, Optional.empty()));
        } finally {
            new ProcessBuilder("umount", directory.toString()).start().waitFor();
        }
    }

    @Test
    void a_link_is_reported_with_its_target_even_if_that_does_not_exist() throws IOException {
        var link = Files.createSymbolicLink(root.resolve("link"), Path.of("../not there"));

        assertThat(look(link))
                .isEqualTo(new PathReport(
                        Kind.SYMLINK,
                        true,
                        Optional.empty(),
                        Optional.of("../not there"),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void what_is_not_there_is_missing_below_a_file_too() {
        assertThat(look(root.resolve("none/at/all"))).isEqualTo(PathReport.of(Kind.MISSING));
        assertThat(look(root.resolve("files/hello/below"))).isEqualTo(PathReport.of(Kind.MISSING));
    }

    @Test
    void a_directory_where_nothing_is_mounted_is_named_for_it_and_for_what_is_below() throws IOException {
        var disk = Files.createDirectories(root.resolve("a disk/data")).getParent();
        Files.writeString(
                root.resolve("fstab"),
                "UUID=1 / ext4\nproc /proc proc\n#UUID=2 " + root + " ext4\nUUID=3 " + root
                        + "/a\\040disk/ ext4 noauto\n");

        assertThat(look(disk).unmounted()).contains(disk.toString());
        assertThat(look(disk.resolve("data")).unmounted()).contains(disk.toString());
        assertThat(look(disk.resolve("none")))
                .isEqualTo(PathReport.of(Kind.MISSING).with(Optional.of(disk.toString())));
        assertThat(look(disk.resolve("../files")).unmounted()).isEmpty();
        assertThat(look(Path.of("/proc/self/net")).unmounted()).isEmpty();
    }

    @Test
    void a_pipe_and_a_device_are_reported_and_not_opened() throws Exception {
        var pipe = root.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThat(look(pipe)).isEqualTo(PathReport.of(Kind.OTHER)); // opening it would hang until somebody writes
        assertThat(look(Path.of("/dev/null"))).isEqualTo(PathReport.of(Kind.OTHER));
    }

    @Test
    void what_the_agent_may_not_read_is_reported() {
        var writeOnly = Path.of("/sys/bus/cpu/uevent"); // for root, too
        assumeTrue(Files.exists(writeOnly));

        var report = look(writeOnly);

        assertThat(report.kind()).isEqualTo(Kind.FILE);
        assertThat(report.readable()).isFalse();
        assertThat(report.problem()).contains("the agent may not read it");
    }

    @Test
    void a_dead_mount_is_given_up_and_delays_neither_jobs_nor_other_questions() throws Exception {
        var mounted = root.resolve("dead");
        assumeTrue(HangingMount.possible(mounted), "this machine lets us mount nothing");
        harness.configure(connection);
        try (var mount = new HangingMount(mounted)) {
            ask("Q1", mount.directory());
            ask("Q2", mount.directory().resolve("inside"));

            connection.send(harness.backup(AgentHarness.JOB));
            assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(connection.received(ToServer.Answer.class)).isEmpty();
            harness.skipped.addAndGet(Duration.ofSeconds(31).toNanos());

            assertThat(((Reply.Failure) answerTo("Q1")).code()).isEqualTo("timeout");
            assertThat(((Reply.Failure) answerTo("Q2")).code()).isEqualTo("timeout");
            assertThat(look(root.resolve("files/hello")).kind()).isEqualTo(Kind.FILE);
        }
        assertThat(connection.received(ToServer.Answer.class)).hasSize(3); // those that came back too late say no more
    }

    @Test
    void an_owner_can_forbid_questions_and_the_server_gets_the_reason() throws IOException {
        Files.writeString(root.resolve("policy.json"), "{\"questions\":\"off\"}");

        assertThat(((Reply.Failure) answer(new Ask.Path("/etc", true))).code()).isEqualTo("questions_off");
        assertThat(present(() -> connection.received(ToServer.PolicyReport.class).stream()
                        .map(report -> report.policy().questions().orElseThrow())
                        .reduce((first, last) -> last)
                        .filter(rule -> rule == OnOff.OFF)))
                .isNotNull();
    }

    @Test
    void a_thousand_questions_at_once_leave_the_agent_at_its_work() {
        harness.configure(connection);
        for (int i = 0; i < 1_000; i++) {
            ask("Q" + i, Path.of("/"));
        }

        connection.send(harness.backup(AgentHarness.JOB));

        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(connection.received(ToServer.Answer.class))
                .extracting(answer -> answer.reply() instanceof Reply.Failure failure ? failure.code() : "")
                .contains("busy");
        assertThat(look(root.resolve("files/hello")).kind()).isEqualTo(Kind.FILE);
    }

    private static PathReport directory(Kind kind, PathReport.Count count) {
        return new PathReport(kind, true, Optional.empty(), Optional.empty(), Optional.of(count), Optional.empty());
    }

    private PathReport look(Path path) {
        return (PathReport) answer(new Ask.Path(path.toString(), true));
    }

    private Reply answer(Ask ask) {
        var id = "asked-" + ++asked;
        connection.send(new ToAgent.Question(id, 30_000, ask));
        return answerTo(id);
    }

    private void ask(String id, Path path) {
        connection.send(new ToAgent.Question(id, 30_000, new Ask.Path(path.toString(), true)));
    }

    private Reply answerTo(String id) {
        return present(() -> connection.received(ToServer.Answer.class).stream()
                        .filter(answer -> answer.re().equals(id))
                        .findFirst())
                .reply();
    }
}
