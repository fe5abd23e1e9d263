package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.MessageSource;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connection to a server that dies, or does not want it. Only the clock that tells durations is set by hand. */
class LinkTest {

    private static final Duration SOON = Duration.ofMillis(50);

    private static final MessageSource MORE_THAN_A_SOCKET_HOLDS = new MessageSource() {
        @Override
        public void reconnected() {}

        @Override
        public Optional<ToServer> next() {
            return Optional.of(new ToServer.Error("long", "x".repeat(15_000_000)));
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
    void a_server_that_falls_silent_is_left_within_50_s() {
        dial(server.url(), List.of());
        server.welcomed().hears(ToServer.Heartbeat.class);

        skip(Duration.ofSeconds(50));

        server.welcomed();
        assertThat(ends).hasValue(1);
    }

    @Test
    void a_server_that_no_longer_reads_is_left_as_soon_while_much_is_being_sent() {
        dial(server.url(), List.of(MORE_THAN_A_SOCKET_HOLDS));
        var connection = server.connection();
        connection.hears(ToServer.Hello.class);
        connection.deafen();
        connection.say(FakeServer.welcome(Instant.EPOCH));
        eventually(() -> assertThat(links.get(0).connected()).isTrue());

        skip(Duration.ofSeconds(50));

        server.connection();
    }

    @Test
    void a_server_that_takes_connections_and_says_nothing_is_dialled_again() throws Exception {
        try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            dial("http://127.0.0.1:" + mute.getLocalPort(), List.of());

            var first = mute.accept();
            var second = mute.accept();

            first.setSoTimeout(40_000);
            first.getInputStream().readAllBytes(); // ends, as it was given up
            second.close();
        }
    }

    @Test
    void who_was_displaced_by_another_of_its_identity_does_not_come_back_at_once() {
        dial(server.url(), List.of());
        var first = server.welcomed();
        first.hears(ToServer.Heartbeat.class);

        first.close(4000);
        eventually(() -> assertThat(ends).hasValue(1));
        skip(Duration.ofMinutes(2));

        for (int i = 1; i <= 10; i++) { // so often the first could have come back meanwhile
            dial(server.url(), List.of());
            assertThat(server.welcomed().hears(ToServer.Hello.class).hostId()).isEqualTo("host-" + i);
        }
        links.subList(1, 11).forEach(ServerLink::close);
        skip(Duration.ofMinutes(3));
        var hello = server.connection().hears(ToServer.Hello.class);
        while (!hello.hostId().equals("host-0")) {
            hello = server.connection().hears(ToServer.Hello.class); // the marker's last
        }
    }

    @Test
    void whatever_happens_within_a_minute_is_noticed_within_a_minute() {
        var times = LinkTimes.DEFAULT;
        var look = Duration.ofSeconds(1);

        assertThat(times.silence().plus(look)).isLessThanOrEqualTo(Duration.ofSeconds(55));
        assertThat(times.connect().multipliedBy(2).plus(times.handshake()).plus(look))
                .isLessThanOrEqualTo(Duration.ofSeconds(55));
    }

    private void skip(Duration time) {
        skipped.addAndGet(time.toNanos());
    }

    private void dial(String url, List<MessageSource> sources) {
        var host = "host-" + links.size();
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
                () -> Instant.EPOCH,
                () -> System.nanoTime() + skipped.get(),
                new SplittableRandom(7)));
        dialling.start(new ServerLink.Handlers(
                challenge -> hello(host), dispatch(), sources, new ServerLink.ConnectionListener() {
                    @Override
                    public void connected(ToAgent.Welcome welcome) {}

                    @Override
                    public void disconnected() {
                        ends.incrementAndGet();
                    }
                }));
        links.add(dialling);
    }

    private static ToServer.Hello hello(String host) {
        return new ToServer.Hello(
                1,
                host,
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
                "",
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
