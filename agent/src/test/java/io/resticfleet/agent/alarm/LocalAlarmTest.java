package io.resticfleet.agent.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.HookRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine tells its owner by itself, with a real program and a real address. */
class LocalAlarmTest {

    /** Tells on the thread that ticks. */
    private static final Threads INLINE = new Threads() {
        @Override
        public Thread start(String name, Runnable work) {
            work.run();
            return Thread.currentThread();
        }

        @Override
        public Signal signal() {
            return OF_SYSTEM.signal();
        }
    };

    @TempDir
    Path root;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private boolean connected = true;
    private boolean deleted;
    private LocalAlarm alarm;
    private Path told;

    @BeforeEach
    void start() throws IOException {
        told = root.resolve("told");
        script("tell", "{ echo \"$RESTIC_FLEET_ALERT_STATE $1\"; cat; } >> " + told);
        policy("\"alert_command\": [\"" + root.resolve("tell") + "\", \"two words\"]");
        restart();
    }

    @Test
    void the_owner_is_told_once_then_each_day_and_once_when_it_is_over() throws Exception {
        tickFor(Duration.ofHours(3));
        connected = false;
        tickFor(Duration.ofHours(23));
        assertThat(told).doesNotExist();

        tickFor(Duration.ofHours(1));
        assertThat(lines())
                .containsExactly(
                        "alarm two words",
                        "web-01 has not reached its backup server https://fleet.example since 2026-03-01T15:00:00Z (24 h)."
                                + " Its backups go on without it, but nobody learns there if one fails. Look at the server and"
                                + " the network, or run on the machine: restic-fleet-agent doctor");
        restart();
        tickFor(Duration.ofHours(23));
        assertThat(lines()).hasSize(2);
        tickFor(Duration.ofHours(1));
        assertThat(lines()).hasSize(4);
        assertThat(lines().get(3)).contains("(2 days)");

        connected = true;
        tickFor(Duration.ofHours(2));
        assertThat(lines()).hasSize(6).contains("over two words");
        connected = false;
        tickFor(Duration.ofHours(1));
        assertThat(lines()).hasSize(6);
    }

    @Test
    void a_backup_that_fails_without_the_server_is_told_at_once_and_one_with_it_never() throws Exception {
        tickFor(Duration.ofMinutes(1));
        alarm.failed("the backup 'nightly' failed: the disk is full");
        connected = false;
        tickFor(Duration.ofMinutes(9));
        alarm.failed("the backup 'nightly' failed: the disk is full");
        tickFor(Duration.ofMinutes(30));
        assertThat(told).as("the server was away too shortly").doesNotExist();

        alarm.failed("the backup 'nightly' failed: the disk is full");
        tickFor(Duration.ofMinutes(1));

        assertThat(lines()).hasSize(2);
        assertThat(lines().get(1)).contains("Meanwhile the backup 'nightly' failed: the disk is full.");
    }

    @Test
    void what_could_not_be_told_is_tried_again() throws Exception {
        script("tell", "exit 3");
        tickFor(Duration.ofMinutes(1));
        connected = false;
        tickFor(Duration.ofHours(25));
        script("tell", "{ echo \"$RESTIC_FLEET_ALERT_STATE $1\"; cat; } >> " + told);

        tickFor(Duration.ofMinutes(11));

        assertThat(lines()).hasSize(2);
    }

    @Test
    void a_machine_that_was_off_or_asleep_has_time_to_reach_its_server_first() throws Exception {
        tickFor(Duration.ofMinutes(1));
        connected = false;
        now = now.plus(Duration.ofDays(3));
        restart();
        alarm.failed("the backup 'nightly' failed: no network");
        tickFor(Duration.ofMinutes(5));
        now = now.plus(Duration.ofDays(3));
        tickFor(Duration.ofMinutes(5));
        assertThat(told).doesNotExist();

        tickFor(Duration.ofMinutes(10));
        assertThat(lines().get(1)).contains("since 2026-03-01T12:00:00Z (6 days)");
    }

    @Test
    void a_clock_that_is_set_after_the_start_is_no_time_without_the_server() throws Exception {
        tickFor(Duration.ofMinutes(1));
        connected = false;
        var before = now;
        now = Instant.parse("1970-01-01T00:01:00Z");
        restart();
        tickFor(Duration.ofMinutes(5));
        now = before.plus(Duration.ofMinutes(10));
        tickFor(Duration.ofHours(23));
        assertThat(told).doesNotExist();
    }

    @Test
    void a_failure_after_the_owner_was_told_of_the_server_is_told_at_once() throws Exception {
        tickFor(Duration.ofMinutes(1));
        connected = false;
        tickFor(Duration.ofHours(25));
        assertThat(lines()).hasSize(2);

        alarm.failed("the backup 'nightly' failed:\0 the disk is full");
        tickFor(Duration.ofMinutes(1));

        assertThat(lines()).hasSize(4);
        assertThat(lines().get(3)).contains("Meanwhile the backup 'nightly' failed:  the disk is full.");
    }

    @Test
    void each_way_is_tried_and_one_that_works_is_enough() throws Exception {
        policy("\"alert_url\": \"http://127.0.0.1:1/\", \"alert_command\": [\"" + root.resolve("tell") + "\", \"x\"]");
        restart();
        tickFor(Duration.ofMinutes(1));
        connected = false;
        tickFor(Duration.ofHours(36));

        assertThat(lines()).hasSize(2);
    }

    @Test
    void a_machine_that_its_server_has_deleted_tells_it_once() throws Exception {
        deleted = true;
        connected = false;
        tickFor(Duration.ofDays(3));

        assertThat(lines()).hasSize(2);
        assertThat(lines().get(1)).startsWith("web-01 makes no backups any more");
    }

    @Test
    void a_program_that_others_could_have_changed_does_not_run() throws Exception {
        Files.setPosixFilePermissions(root.resolve("tell"), PosixFilePermissions.fromString("rwxrwxrwx"));
        connected = false;
        tickFor(Duration.ofHours(26));

        assertThat(told).doesNotExist();
    }

    @Test
    void an_address_gets_the_text_as_it_is() throws Exception {
        var posts = new ArrayList<String>();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            posts.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(posts.size() == 1 ? 302 : 200, -1);
            exchange.close();
        });
        server.start();
        try {
            policy("\"alert_url\": \"http://127.0.0.1:" + server.getAddress().getPort()
                    + "/topic\", \"alert_after\": \"2h\"");
            connected = false;
            tickFor(Duration.ofMinutes(119));
            assertThat(posts).isEmpty();
            tickFor(Duration.ofMinutes(20));
        } finally {
            server.stop(0);
        }

        assertThat(posts).as("an answer that only redirects is a failure").hasSize(2);
        assertThat(posts.get(1)).startsWith("POST /topic text/plain; charset=utf-8 web-01 has not reached");
    }

    private void restart() {
        alarm = new LocalAlarm(
                StateDirectory.open(root.resolve("state")),
                new PolicyFile(root.resolve("policy.json"), HookRule.LOCAL_ONLY),
                "https://fleet.example",
                "web-01",
                () -> connected,
                () -> deleted,
                HttpClient.newHttpClient(),
                INLINE,
                () -> now);
    }

    private void tickFor(Duration time) {
        for (var end = now.plus(time); now.isBefore(end); now = now.plusSeconds(60)) {
            alarm.tick();
        }
        alarm.tick();
    }

    private void policy(String fields) throws IOException {
        Files.writeString(root.resolve("policy.json"), "{" + fields + "}");
    }

    private void script(String name, String body) throws IOException {
        Files.writeString(root.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(root.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(told);
    }
}
