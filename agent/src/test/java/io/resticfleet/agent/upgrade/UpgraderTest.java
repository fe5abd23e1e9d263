package io.resticfleet.agent.upgrade;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upgrade ordered by the server, up to the agent's restart. */
class UpgraderTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private final List<ToServer.UpgradeReport> reports = new CopyOnWriteArrayList<>();
    private final AtomicBoolean idle = new AtomicBoolean(true);
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile int status = 200;
    private volatile byte[] offered;
    private byte[] present;
    private Jar jar;
    private StateDirectory state;
    private HttpServer server;
    private ServerAddress address;

    @BeforeEach
    void open() throws Exception {
        present = Jars.of("0.1.0");
        offered = Jars.of("0.2.0");
        jar = new Jar(Files.write(directory.resolve("agent.jar"), present));
        state = StateDirectory.open(directory.resolve("state"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/agent.jar", exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere.jar");
            exchange.sendResponseHeaders(status, offered.length);
            exchange.getResponseBody().write(offered);
            exchange.close();
        });
        server.createContext("/elsewhere.jar", exchange -> {
            exchange.sendResponseHeaders(200, offered.length);
            exchange.getResponseBody().write(offered);
            exchange.close();
        });
        server.start();
        address = new ServerAddress("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    @Test
    void a_valid_jar_replaces_the_present_one_which_is_kept() throws Exception {
        var upgrader = upgrader(UpgradePolicy.FROM_SERVER);
        upgrader.connected();
        assertThat(reports).extracting(ToServer.UpgradeReport::state).containsExactly("ready");

        upgrader.ordered(order("0.2.0", offered));

        eventually(() -> assertThat(left).isTrue());
        assertThat(jar.file()).hasBinaryContent(offered);
        assertThat(jar.previous()).hasBinaryContent(present);
        assertThat(jar.incoming()).doesNotExist();
        assertThat(Attempt.find(state))
                .contains(new Attempt("0.1.0", "0.2.0", Jars.sha256(offered), NOW, 0, Optional.empty()));
    }

    @Test
    void an_upgrade_waits_for_the_running_job_and_reports_that() throws Exception {
        idle.set(false);
        var upgrader = upgrader(UpgradePolicy.FROM_SERVER);

        upgrader.ordered(order("0.2.0", offered));

        eventually(() -> assertThat(reports)
                .anyMatch(report -> report.detail().orElse("").contains("waiting for the running job")));
        upgrader.ordered(order("0.2.0", offered));
        assertThat(jar.file()).hasBinaryContent(present);
        assertThat(Attempt.find(state)).isEmpty();
        assertThat(left).isFalse();
        idle.set(true);
        eventually(() -> assertThat(left).isTrue());
        assertThat(jar.file()).hasBinaryContent(offered);
        assertThat(reports)
                .filteredOn(report -> report.detail().orElse("").startsWith("downloading"))
                .hasSize(1);
    }

    @Test
    void without_the_owners_permission_nothing_is_done() throws Exception {
        var upgrader = upgrader(UpgradePolicy.OFF);
        upgrader.connected();

        upgrader.ordered(order("0.2.0", offered));

        assertThat(reports).hasSize(2).allSatisfy(report -> {
            assertThat(report.state()).isEqualTo("off");
            assertThat(report.detail().orElseThrow())
                    .contains("owner of this machine", "RESTIC_FLEET_ALLOW_UPGRADES=1");
        });
        assertNothingHappened();
    }

    @Test
    void over_a_network_without_encryption_nothing_is_done() throws Exception {
        address = new ServerAddress("http://nas.lan:8080");
        var upgrader = upgrader(UpgradePolicy.FROM_SERVER);
        upgrader.connected();

        upgrader.ordered(order("0.2.0", offered));

        assertThat(reports).hasSize(2).allSatisfy(report -> {
            assertThat(report.state()).isEqualTo("off");
            assertThat(report.detail().orElseThrow()).contains("not encrypted", "Use https");
        });
        assertNothingHappened();
    }

    @Test
    void a_download_that_stalls_is_given_up() throws Exception {
        var wait = new CountDownLatch(1);
        server.createContext("/stalls.jar", exchange -> {
            exchange.sendResponseHeaders(200, offered.length);
            exchange.getResponseBody().write(offered, 0, 10);
            exchange.getResponseBody().flush();
            awaitUninterruptibly(wait);
            exchange.close();
        });
        var download = new Download(HttpClient.newHttpClient(), address.http("/stalls.jar"), Duration.ofMillis(300));

        assertThatThrownBy(() -> download.to(jar.incoming(), Jars.sha256(offered), offered.length))
                .isInstanceOf(UpgradeFailed.class)
                .hasMessageContaining("cannot download");
        wait.countDown();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_jar_that_is_not_as_announced_or_does_not_start_changes_nothing() throws Exception {
        var whole = offered;
        assertRefused(new ToAgent.AgentUpgrade("0.2.0", "0".repeat(64), whole.length), "has the SHA-256");
        offered = Arrays.copyOf(whole, whole.length - 100);
        assertRefused(order("0.2.0", whole), "of the " + whole.length + " bytes announced");
        offered = Arrays.copyOf(whole, whole.length + 1);
        assertRefused(order("0.2.0", whole), "is larger than");
        offered = "this is no jar".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertRefused(order("0.2.0", offered), "does not start on this machine");
        offered = whole;
        assertRefused(order("0.3.0", whole), "prints 'restic-fleet-agent 0.2.0'");
        status = 404;
        assertRefused(order("0.2.0", whole), "HTTP 404");
        status = 302;
        assertRefused(order("0.2.0", whole), "HTTP 302");
    }

    @Test
    void older_versions_and_impossible_sizes_are_refused() throws Exception {
        for (var version : List.of("0.1.0", "0.0.9", "dev", "0.2.0-SNAPSHOT", "../0.2.0", "")) {
            assertRefused(order(version, offered), "is not newer");
        }
        for (long size : new long[] {0, -1, Long.MAX_VALUE}) {
            assertRefused(
                    new ToAgent.AgentUpgrade("0.2.0", Jars.sha256(offered), size), "is not that of an agent's jar");
        }
    }

    @Test
    void a_failed_upgrade_is_reported_on_each_connection_until_the_next_one() throws Exception {
        Attempt.at(NOW, "0.1.0", "0.2.0", "ab").failed("it was not accepted").save(state);
        var upgrader = upgrader(UpgradePolicy.FROM_SERVER);

        upgrader.connected();
        upgrader.connected();

        assertThat(reports)
                .hasSize(2)
                .allMatch(
                        new ToServer.UpgradeReport("failed", Optional.of("0.2.0"), Optional.of("it was not accepted"))
                                ::equals);
        upgrader.ordered(order("0.2.0", offered));
        eventually(() -> assertThat(left).isTrue());
        assertThat(Attempt.find(state).orElseThrow().failed()).isEmpty();
    }

    private void assertRefused(ToAgent.AgentUpgrade order, String words) throws Exception {
        reports.clear();
        upgrader(UpgradePolicy.FROM_SERVER).ordered(order);
        eventually(() -> assertThat(reports).anyMatch(report -> report.state().equals("failed")));
        var last = reports.get(reports.size() - 1);
        assertThat(last.version()).contains(order.version());
        assertThat(last.detail().orElseThrow()).contains(words);
        assertNothingHappened();
    }

    private void assertNothingHappened() throws Exception {
        assertThat(jar.file()).hasBinaryContent(present);
        assertThat(Attempt.find(state)).isEmpty();
        assertThat(left).isFalse();
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("agent.jar", "state");
        }
    }

    private static ToAgent.AgentUpgrade order(String version, byte[] whole) {
        return new ToAgent.AgentUpgrade(version, Jars.sha256(whole), whole.length);
    }

    private Upgrader upgrader(UpgradePolicy policy) {
        return new Upgrader(new Upgrader.Settings(
                state,
                Optional.of(jar),
                "0.1.0",
                policy,
                HttpClient.newHttpClient(),
                address.http("/agent.jar"),
                address.warning(),
                Threads.OF_SYSTEM,
                () -> NOW,
                idle::get,
                message -> reports.add((ToServer.UpgradeReport) message),
                () -> left.set(true)));
    }
}
