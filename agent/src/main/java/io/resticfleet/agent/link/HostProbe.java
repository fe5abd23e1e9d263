package io.resticfleet.agent.link;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds out whether the server knows a host, without displacing its agent: a hello without a signature is always rejected,
 * with a code that shows whether there is such a host.
 */
public final class HostProbe {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private HostProbe() {}

    /**
     * The server's answer to an unsigned hello.
     *
     * @throws IOException if there is no answer within 10 s
     */
    public static ToAgent.Reject rejection(
            HttpClient client, ServerAddress server, HostId hostId, String agentVersion, Instant now)
            throws IOException, InterruptedException {
        var unsigned = new Hello(
                Protocol.VERSION,
                hostId,
                agentVersion,
                Optional.empty(),
                "",
                "",
                "",
                "",
                "UTC",
                0,
                now,
                List.of(),
                "",
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        var answer = new CompletableFuture<ToAgent.Reject>();
        try {
            var socket = client.newWebSocketBuilder()
                    .connectTimeout(LIMIT)
                    .buildAsync(server.webSocket(Protocol.WEBSOCKET_PATH), new Listener(unsigned, answer))
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            try {
                return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            } finally {
                socket.abort();
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no answer to a hello", e);
        }
    }

    private static final class Listener implements WebSocket.Listener {
        private final Hello hello;
        private final CompletableFuture<ToAgent.Reject> answer;
        private final StringBuilder frame = new StringBuilder();

        private Listener(Hello hello, CompletableFuture<ToAgent.Reject> answer) {
            this.hello = hello;
            this.answer = answer;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            frame.append(part);
            if (frame.length() > Protocol.MAX_FRAME_BYTES) {
                answer.completeExceptionally(new IOException("a frame is too long"));
            } else if (last) {
                var text = frame.toString();
                frame.setLength(0);
                receive(socket, text);
            }
            socket.request(1);
            return null;
        }

        private void receive(WebSocket socket, String text) {
            try {
                var message = Wire.decodeToAgent(text);
                if (message instanceof ToAgent.Challenge) {
                    socket.sendText(Wire.encode(hello), true);
                } else if (message instanceof ToAgent.Reject reject) {
                    answer.complete(reject);
                }
            } catch (Wire.UnreadableMessage e) {
                answer.completeExceptionally(new IOException(e.getMessage(), e));
            }
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            answer.completeExceptionally(new IOException("the server closed the connection code=" + code));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            answer.completeExceptionally(error);
        }
    }
}
