package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.MessageSource;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections to a server that fails or refuses. Only the monotonic clock is set by tests. */
class LinkTest {

    private static final Duration SOON = Duration.ofMillis(50);

    /** Of 300 bytes. */
    private static final Snapshot SNAPSHOT = new Snapshot(
            "a".repeat(64),
            "a".repeat(8),
            Instant.EPOCH,
            "web",
            "x".repeat(100),
            List.of("/etc"),
            List.of(),
            Optional.of("b".repeat(64)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private static final MessageSource MORE_THAN_A_SOCKET_BUFFERS = new MessageSource() {
        @Override
        public void reconnected() {}

        @Override
        public Optional<ToServer> next() {
            return Optional.of(new ToServer.SnapshotsReport(1, Instant.EPOCH, Collections.nCopies(50_000, SNAPSHOT)));
        }

        @Override
        public boolean allSent() {
            return false;
        }
    };

    final AtomicLong skipped = new AtomicLong();
    final AtomicInteger ends = new AtomicInteger();
    FakeServer server;
    final List<ServerLink> links = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = new FakeServer();
    }

    @AfterEach
    void stop() throws Exception {
        links.forEach(ServerLink::close);
        server.close();
    }

    @Test
    void a_silent_server_is_disconnected_within_50_s() {
        dial(server.url(), List.of());
        server.welcomed().receive(ToServer.Heartbeat.class);

        skip(Duration.ofSeconds(50));

        server.welcomed();
        assertThat(ends).hasValue(1);
    }

    @Test
    void a_server_that_stops_reading_is_disconnected_as_quickly_during_a_long_transfer() {
        dial(server.url(), List.of(MORE_THAN_A_SOCKET_BUFFERS));
        var connection = server.connection();
        connection.receive(Hello.class);
        connection.stopReading();
        connection.send(FakeServer.welcome(Instant.EPOCH));
        eventually(() -> assertThat(links.get(0).connected()).isTrue());

        skip(Duration.ofSeconds(50));

        server.connection();
    }

    @Test
    void a_server_that_accepts_connections_and_sends_nothing_is_tried_again() throws Exception {
        try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            dial("http://127.0.0.1:" + mute.getLocalPort(), List.of());

            var first = mute.accept();
            var second = mute.accept();

            first.setSoTimeout(40_000);
            first.getInputStream().readAllBytes(); // returns, as the agent has given it up
            second.close();
        }
    }

    @Test
    void an_agent_displaced_by_its_clone_does_not_reconnect_at_once() {
        dial(server.url(), List.of());
        var first = server.welcomed();
        first.receive(ToServer.Heartbeat.class);

        first.close(4000);
        eventually(() -> assertThat(ends).hasValue(1));
        skip(Duration.ofMinutes(2));

        for (int i = 1; i <= 10; i++) { // in that time the first could have reconnected
            dial(server.url(), List.of());
            assertThat(server.welcomed().receive(Hello.class).hostId().value()).isEqualTo(host(i));
        }
        links.subList(1, 11).forEach(ServerLink::close);
        skip(Duration.ofMinutes(3));
        var hello = server.connection().receive(Hello.class);
        while (!hello.hostId().value().equals(host(0))) {
            hello = server.connection().receive(Hello.class); // the last one's hello
        }
    }

    @Test
    void every_dead_connection_is_noticed_within_a_minute() {
        var times = LinkTimes.DEFAULT;
        var look = Duration.ofSeconds(1);

        assertThat(times.silence().plus(look)).isLessThanOrEqualTo(Duration.ofSeconds(55));
        assertThat(times.connect().multipliedBy(2).plus(times.handshake()).plus(look))
                .isLessThanOrEqualTo(Duration.ofSeconds(55));
    }

    private static String host(int number) {
        return "01H%023d".formatted(number);
    }

    private void skip(Duration time) {
        skipped.addAndGet(time.toNanos());
    }

    private void dial(String url, List<MessageSource> sources) {
        var host = host(links.size());
        var times = new LinkTimes(
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                LinkTimes.DEFAULT.silence(),
                SOON,
                SOON,
                SOON,
                Duration.ofHours(10),
                Duration.ofHours(1),
                LinkTimes.DEFAULT.afterDisplacement());
        var dialling = new ServerLink(new ServerLink.Settings(
                new ServerAddress(url),
                HttpClient.newHttpClient(),
                times,
                Threads.OF_SYSTEM,
                () -> System.nanoTime() + skipped.get(),
                new SplittableRandom(7)));
        dialling.start(new ServerLink.Handlers(
                challenge -> hello(host),
                () -> new ToServer.Heartbeat(Instant.EPOCH, Optional.empty(), Optional.empty()),
                dispatch(),
                LinkTest::noSet,
                sources,
                new ServerLink.ConnectionListener() {
                    @Override
                    public void connected(ToAgent.Welcome welcome) {}

                    @Override
                    public void disconnected() {
                        ends.incrementAndGet();
                    }
                }));
        links.add(dialling);
    }

    private static ToServer.ScheduleAck noSet() {
        throw new AssertionError("no schedule set was sent");
    }

    private static Hello hello(String host) {
        return new Hello(
                1,
                new HostId(host),
                "1",
                Optional.empty(),
                "linux",
                "amd64",
                "web",
                "boot",
                "UTC",
                0,
                Instant.EPOCH,
                List.of(),
                "",
                Optional.empty(),
                "signature",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Dispatch<ServerLink, ToAgent> dispatch() {
        var table = Dispatch.<ServerLink, ToAgent>of(ToAgent.class);
        for (var kind : ToAgent.class.getPermittedSubclasses()) {
            table.on(kind.asSubclass(ToAgent.class), (from, message) -> {});
        }
        return table.build();
    }
}
