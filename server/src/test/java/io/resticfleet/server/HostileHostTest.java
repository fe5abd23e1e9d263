package io.resticfleet.server;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine that is enrolled and does its worst, and a server as installed, with a heap of 256 MiB. */
@Tag("slow")
class HostileHostTest {

    private static final int JOBS_PER_DAY = 300;

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent hostile;
    private String nightly;
    private InstalledServer installed;
    private ApiClient anna;
    private AgentClient otherAgent;
    private long sequence;

    @BeforeEach
    void startAsInstalled() throws Exception {
        hostile = server.enrol("hostile");
        var other = server.enrol("other");
        nightly = other.addSchedule(NIGHTLY);
        server.stop();
        installed = InstalledServer.start(
                server.directory(), "--jobs-per-day", "" + JOBS_PER_DAY, "--log-mb-per-day", "10");
        anna = ApiClient.signedIn(installed.url());
        otherAgent = other.connectInSyncTo(installed.url());
    }

    @AfterEach
    void end() {
        installed.close();
    }

    @Test
    void it_ends_neither_the_server_nor_the_reports_of_others_nor_any_page() throws Exception {
        var host = new HostileHost(server, hostile, installed.url(), nightly, JOBS_PER_DAY + 1);
        for (var attack : host.attacks().values()) {
            during(attack);
        }

        assertThat(Files.size(server.directory().resolve("restic-fleet.db"))).isLessThan(60_000_000);
        var used = anna.get("/api/hosts/" + hostile.hostId());
        assertThat(used.at("/quota/jobs_dropped")).isNotEqualTo("0");
        assertThat(used.at("/quota/log_bytes_dropped")).isNotEqualTo("0");
        assertThat(used.at("/quota/unstorable")).isNotEqualTo("0");
    }

    /** Serves others while the attack goes on, and after it. */
    private void during(HostileHost.Attack attack) throws Exception {
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
}
