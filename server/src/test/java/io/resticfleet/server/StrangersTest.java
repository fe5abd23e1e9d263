package io.resticfleet.server;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that nobody knows, who send and read as slowly as they can. */
@Tag("slow")
class StrangersTest {

    /** More than the server has threads. */
    private static final int CROWD = 260;

    private static final String ANNA = "{\"username\":\"anna\",\"password\":\"correct horse\"}";

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--trusted-proxies", "127.0.0.1"));

    private final List<Socket> open = new ArrayList<>();

    @AfterEach
    void disconnect() throws IOException {
        for (var socket : open) {
            socket.close();
        }
    }

    @Test
    void slow_senders_hold_no_thread() throws Exception {
        var paths = List.of("/api/auth/login", "/login", "/api/agents/enroll", "/api/bootstrap", "/api/tokens");
        for (int i = 0; i < CROWD; i++) {
            send(
                    connect(),
                    "POST " + paths.get(i % paths.size()) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
        }

        assertThat(server.api().request("GET", "/healthz", "").status()).isEqualTo(200);
        assertThat(server.api().request("POST", "/api/auth/login", ANNA).status())
                .isEqualTo(200);
        assertThat(waiting()).isGreaterThanOrEqualTo(CROWD * 4 / 5);
    }

    @Test
    void a_body_in_many_small_pieces_or_too_large_is_refused_where_no_sign_in_is_needed() throws Exception {
        var pieces = connect();
        send(pieces, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        var refused = server.api()
                .request("POST", "/api/auth/login", "{\"username\":\"" + "x".repeat(70_000) + "\",\"password\":\"x\"}");

        eventually(() -> {
            send(pieces, "x");
            return assertThat(pieces.getInputStream().available()).isPositive();
        });

        assertThat(statusOf(pieces)).isEqualTo(413);
        assertThat(refused.outcome()).isEqualTo("413 body_too_large");
        assertThat(server.api().post("/api/tokens", "x".repeat(1_100_000)).status())
                .isEqualTo(413);
    }

    @Test
    void bodies_beyond_the_share_of_one_address_or_of_all_are_refused_where_no_sign_in_is_needed() throws Exception {
        sendUnfinishedBodiesUntilRefused("192.0.2.1");
        assertThat(signIn("192.0.2.11").status()).isEqualTo(200);

        for (int i = 2; i <= 6; i++) {
            sendUnfinishedBodiesUntilRefused("192.0.2." + i);
        }
        eventually(() -> {
            sendUnfinishedBodies("192.0.2.7");
            return assertThat(signIn("192.0.2.11").outcome()).isEqualTo("503 busy");
        });
        assertThat(server.api().get("/api/me").status()).isEqualTo(200);

        disconnect();
        eventually(() -> assertThat(signIn("192.0.2.1").status()).isEqualTo(200));
    }

    private void sendUnfinishedBodiesUntilRefused(String address) throws Exception {
        eventually(() -> {
            sendUnfinishedBodies(address);
            var refused = signIn(address);
            assertThat(refused.outcome()).isEqualTo("503 busy");
            return assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        });
    }

    /** Of a size that leaves no room for a sign-in. Some are cut off if their bytes arrive late. */
    private void sendUnfinishedBodies(String address) throws IOException {
        for (int i = 0; i < 60; i++) {
            send(
                    connect(),
                    "POST /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + address
                            + "\r\nContent-Length: 27000\r\n\r\n{");
        }
    }

    private ApiResponse signIn(String address) throws Exception {
        return server.api().request("POST", "/api/auth/login", ANNA, "X-Forwarded-For", address);
    }

    @Test
    void connections_of_one_address_leave_room_for_others() throws Exception {
        eventually(() -> {
            for (int i = 0; i < 300; i++) {
                connectFrom("127.0.0.2");
            }
            return assertThat(closed(open.get(open.size() - 1))).isTrue();
        });
        assertThat(open).hasSizeGreaterThan(2_500);
        assertThat(server.api().get("/api/me").status()).isEqualTo(200);

        disconnect();
        eventually(() -> assertThat(closed(connectFrom("127.0.0.2"))).isFalse());
    }

    private static boolean closed(Socket socket) throws IOException {
        socket.setSoTimeout(300);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void a_signed_in_sender_below_the_minimum_rate_is_cut_off() throws Exception {
        var slow = connect();
        send(
                slow,
                "POST /api/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + server.api().token() + "\r\nContent-Length: 1000\r\n\r\n");

        slow.setSoTimeout(300); // a byte whenever there is no answer in this time
        send(slow, "x");
        var answer = new ByteArrayOutputStream();
        eventually(() -> {
            try {
                answer.write(slow.getInputStream().read());
            } catch (SocketTimeoutException e) {
                send(slow, "x");
            }
            return assertThat(answer.toString()).startsWith("HTTP/1.1 408");
        });
    }

    @Test
    void slow_readers_hold_no_thread() throws Exception {
        var style =
                server.api().request("GET", "/login", "").text().replaceAll("(?s).*(/assets/[^\"]*app.css).*", "$1");
        for (var path : List.of(style, "/api/openapi.json")) {
            for (int i = 0; i < 100; i++) {
                send(
                        connect(),
                        ("GET " + path + " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2." + i % 5 + "\r\n\r\n")
                                .repeat(40));
            }
        }

        assertThat(server.api().request("GET", "/healthz", "").status()).isEqualTo(200);
        assertThat(server.api().request("GET", "/login", "").status()).isEqualTo(200);
        assertThat(server.api()
                        .request("GET", "/login", "", "X-Forwarded-For", "192.0.2.1")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void clients_that_do_not_read_pages_hold_only_a_share_of_the_threads() throws Exception {
        eventually(() -> {
            askForPagesWithoutReading("192.0.2.7");
            var refused = server.api().request("GET", "/login", "", "X-Forwarded-For", "192.0.2.7");
            assertThat(refused.outcome()).isEqualTo("503 busy");
            return assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        });
        assertThat(server.api()
                        .request("GET", "/healthz", "", "X-Forwarded-For", "192.0.2.7")
                        .status())
                .isEqualTo(200);
        assertThat(server.api()
                        .request("GET", "/login", "", "X-Forwarded-For", "192.0.2.8")
                        .status())
                .isEqualTo(200);
        assertThat(server.api().get("/api/me", "X-Forwarded-For", "192.0.2.7").status())
                .isEqualTo(200);
    }

    /** Fills the buffers of a connection in both directions, so that the server's thread waits for the client. */
    private void askForPagesWithoutReading(String address) throws IOException {
        var socket = connect();
        var request = "GET /login?next=/" + "x".repeat(7_000) + " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + address
                + "\r\n\r\n";
        var sender = new Thread(() -> {
            try {
                send(socket, request.repeat(400));
            } catch (IOException e) {
                // refused, or the test has ended
            }
        });
        sender.setDaemon(true);
        sender.start();
    }

    /** Connections that have no answer yet. */
    private long waiting() throws IOException {
        long count = 0;
        for (var socket : open) {
            count += socket.getInputStream().available() == 0 ? 1 : 0;
        }
        return count;
    }

    /** A connection whose system buffers little of what it does not read. */
    private Socket connect() throws IOException {
        return connectFrom("127.0.0.1");
    }

    private Socket connectFrom(String local) throws IOException {
        var address = URI.create(server.url());
        var socket = new Socket();
        socket.bind(new InetSocketAddress(local, 0));
        socket.setReceiveBufferSize(2_048);
        socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
        open.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static int statusOf(Socket socket) throws IOException {
        return Integer.parseInt(
                new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).substring(9));
    }
}
