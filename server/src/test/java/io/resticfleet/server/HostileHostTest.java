package io.resticfleet.server;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.job.SampleReports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine that is enrolled and does its worst, and a server as installed, with a heap of 256 MiB. */
class HostileHostTest {

    private static final Path UNIT = Path.of("src/main/dist/restic-fleet.service");
    private static final int JOBS_PER_DAY = 300;

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent hostile;
    private EnrolledAgent other;
    private String nightly;
    private Process installed;
    private String url;
    private ApiClient anna;
    private AgentClient otherAgent;
    private Optional<AgentClient> attacker = Optional.empty();
    private long sequence;

    private interface Attack {
        void run() throws Exception;
    }

    @BeforeEach
    void startAsInstalled() throws Exception {
        hostile = server.enrol("hostile");
        other = server.enrol("other");
        nightly = other.addSchedule(NIGHTLY);
        server.stop();
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flagsOfTheUnit());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.resticfleet.server.Main"));
        command.addAll(List.of("--data-dir", server.directory().toString(), "--listen", "127.0.0.1:0"));
        command.addAll(List.of("--jobs-per-day", "" + JOBS_PER_DAY, "--log-mb-per-day", "10"));
        installed = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        url = listening();
        anna = ApiClient.signedIn(url);
        otherAgent = connect(other);
    }

    @AfterEach
    void end() throws Exception {
        installed.destroyForcibly().waitFor();
    }

    @Test
    void it_ends_neither_the_server_nor_the_reports_of_others_nor_any_page() throws Exception {
        during(this::offerLargeSnapshots);
        during(() -> new HostileFrames().forEach(this::send));
        during(this::beginLargeMessages);
        during(this::flood);

        assertThat(Files.size(server.directory().resolve("restic-fleet.db"))).isLessThan(60_000_000);
        var used = anna.get("/api/hosts/" + hostile.hostId());
        assertThat(used.at("/quota/jobs_dropped")).isNotEqualTo("0");
        assertThat(used.at("/quota/log_bytes_dropped")).isNotEqualTo("0");
        assertThat(used.at("/quota/unstorable")).isNotEqualTo("0");
    }

    /** Serves others while the attack goes on, and after it. */
    private void during(Attack attack) throws Exception {
        var running = CompletableFuture.runAsync(() -> {
            try {
                attack.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        while (!hasEnded(running)) {
            othersAreServed();
        }
        othersAreServed();
    }

    /** Leaves time to the attack before the next look. */
    private static boolean hasEnded(Future<?> attack) throws Exception {
        try {
            attack.get(300, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private void othersAreServed() throws Exception {
        assertThat(installed.isAlive()).as("the server runs").isTrue();
        sequence++;
        var job = UlidCreator.getMonotonicUlid().toString();
        assertThat(otherAgent.sendAndDrain(reports.finished(sequence, job, nightly)))
                .contains(new ToAgent.EventAck(sequence));
        var host = "/hosts/" + hostile.hostId();
        var paths = List.of(
                "/jobs/" + job,
                "/api/jobs/" + job,
                "/",
                "/jobs",
                "/audit",
                "/settings",
                host,
                host + "/schedules",
                host + "/repository",
                host + "/settings",
                "/api/hosts",
                "/api/jobs",
                "/api/audit",
                "/api" + host + "/snapshots",
                "/healthz");
        for (var path : paths) {
            assertThat(anna.get(path).status()).as(path).isEqualTo(200);
        }
    }

    /** Returns when the server has handled it, or has closed the connection. */
    private void send(String frame) {
        try {
            if (attacker.isEmpty() || attacker.get().isClosed()) {
                attacker = Optional.of(connect(hostile));
            }
            attacker.get().sendText(frame);
            attacker.get().drain();
        } catch (Exception | AssertionError e) {
            assertThat(attacker.get().isClosed())
                    .as(e + " after " + frame.substring(0, Math.min(200, frame.length())))
                    .isTrue();
        }
    }

    /** Lists that are as long as a message has room for. */
    private void offerLargeSnapshots() throws Exception {
        var agent = connect(hostile);
        var repository = new RepositoryId(
                server.sql("SELECT repository_id FROM host_credentials WHERE host_id = '" + hostile.hostId() + "'")
                        .get(0));
        var other = new SnapshotChecksums();
        other.toggle(SnapshotChecksums.key("f".repeat(64)));
        agent.send(new ToServer.SnapshotsOffer(1, repository, server.now(), 12, other.toString()));
        agent.receive(ToAgent.SnapshotsWanted.class);
        for (int piece = 1; piece <= 6; piece++) {
            agent.sendText("{\"type\":\"snapshots.piece\",\"report\":1,\"number\":" + piece + ",\"added\":["
                    + largeSnapshot(2 * piece) + "," + largeSnapshot(2 * piece + 1) + "],\"removed\":[],\"last\":"
                    + (piece == 6) + "}");
            agent.drain();
        }
    }

    private static String largeSnapshot(int number) {
        var texts = "[" + ("\"" + "x".repeat(3_600) + "\",").repeat(1_000) + "\"x\"]";
        return ("{\"id\":\"%064x\",\"short_id\":\"%08x\",\"time\":\"2026-03-01T12:00:00Z\",\"hostname\":\"h\","
                        + "\"username\":\"root\",\"paths\":%s,\"tags\":%s}")
                .formatted(number, number, texts, texts);
    }

    private void beginLargeMessages() throws Exception {
        for (int connection = 0; connection < 13; connection++) {
            var agent = connect(hostile);
            try {
                agent.sendPart("{\"type\":\"" + "x".repeat(15_900_000));
            } catch (RuntimeException e) {
                assertThat(agent.isClosed()).isTrue();
            }
        }
    }

    private void flood() throws Exception {
        var agent = connect(hostile);
        var job = "";
        for (int number = 1; number <= JOBS_PER_DAY + 1; number++) {
            job = UlidCreator.getMonotonicUlid().toString();
            agent.send(reports.finished(number, job, nightly));
        }
        agent.drain();
        var logged = server.sql("SELECT id FROM jobs WHERE host_id = '" + hostile.hostId() + "' LIMIT 3");
        for (var id : logged) {
            agent.send(reports.log(id, 1, 2_000, "x".repeat(4_000)));
            agent.drain();
        }
    }

    private AgentClient connect(EnrolledAgent machine) throws Exception {
        var agent = server.dial(url);
        var challenge = agent.receive(ToAgent.Challenge.class);
        agent.send(machine.sign(machine.hello(0, server.now()), challenge.nonce()));
        var set = agent.receive(ToAgent.ScheduleSet.class);
        agent.sendAndDrain(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        return agent;
    }

    private static List<String> flagsOfTheUnit() throws IOException {
        var unit = Files.readString(UNIT).lines().filter(line -> line.contains("-Xmx") || line.contains("OutOfMemory"));
        return unit.flatMap(line -> Stream.of(line.strip().split(" ")))
                .filter(word -> word.startsWith("-X"))
                .toList();
    }

    private String listening() throws IOException {
        var output = new BufferedReader(new InputStreamReader(installed.getInputStream(), StandardCharsets.UTF_8));
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("listening on ")) {
                return line.substring("listening on ".length()).strip();
            }
        }
        throw new AssertionError("the server did not start");
    }
}
