package io.resticfleet.e2e;

import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.net.http.HttpClient;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.UUID;

/** An enrolled agent's own link to the server, with nothing behind it: there is no room for a thousand processes. */
final class LinkOnlyAgent implements AutoCloseable {

    /** The agent's own, but that every connection counts as a good one, however short it was. */
    private static final LinkTimes TIMES = new LinkTimes(
            LinkTimes.DEFAULT.connect(),
            LinkTimes.DEFAULT.handshake(),
            LinkTimes.DEFAULT.silence(),
            LinkTimes.DEFAULT.firstRetry(),
            LinkTimes.DEFAULT.lastRetry(),
            LinkTimes.DEFAULT.afterCut(),
            Duration.ZERO,
            LinkTimes.DEFAULT.afterRejection(),
            LinkTimes.DEFAULT.afterDisplacement());

    private final String host;
    private final String name;
    private final KeyPair keys;
    private final ServerLink link;

    private LinkOnlyAgent(String host, String name, KeyPair keys, ServerLink link) {
        this.host = host;
        this.name = name;
        this.keys = keys;
        this.link = link;
    }

    /** Enrols, and does not dial yet. */
    static LinkOnlyAgent enrol(ServerProcess server, HttpClient client, String name) throws Exception {
        var keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        var token = server.post(
                        "/api/enrollment-tokens", Map.of("hostname", name, "repository", Map.of("url", "/srv/" + name)))
                .path("token")
                .asText();
        var joined = server.post(
                Protocol.ENROLL_PATH,
                Map.of(
                        "token", token,
                        "public_key",
                                Base64.getEncoder()
                                        .encodeToString(keys.getPublic().getEncoded()),
                        "hostname", name,
                        "os", "linux",
                        "arch", "amd64",
                        "agent_version", "0.1.0",
                        "time_zone", "UTC"));
        var link = new ServerLink(new ServerLink.Settings(
                new ServerAddress(server.url()),
                client,
                TIMES,
                Threads.OF_SYSTEM,
                InstantSource.system(),
                System::nanoTime,
                new SplittableRandom()));
        return new LinkOnlyAgent(joined.path("host_id").asText(), name, keys, link);
    }

    /** @param knocks when the server asked who it is, by the JVM's nanosecond clock: once for each connection it took */
    void start(Queue<Long> knocks) {
        link.start(new ServerLink.Handlers(
                challenge -> {
                    knocks.add(System.nanoTime());
                    return hello(challenge);
                },
                deaf(),
                List.of(),
                new ServerLink.ConnectionListener() {
                    @Override
                    public void connected(ToAgent.Welcome welcome) {}

                    @Override
                    public void disconnected() {}
                }));
    }

    private ToServer.Hello hello(ToAgent.Challenge challenge) {
        var hello = new ToServer.Hello(
                Protocol.VERSION,
                host,
                "0.1.0",
                Optional.empty(),
                "linux",
                "amd64",
                name,
                "boot",
                "UTC",
                0,
                InstantSource.system().instant(),
                List.of(),
                UUID.randomUUID().toString(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return HelloProof.sign(hello, challenge.nonce(), keys.getPrivate());
    }

    private static Dispatch<ServerLink, ToAgent> deaf() {
        var table = Dispatch.<ServerLink, ToAgent>of(ToAgent.class);
        List.of(
                        ToAgent.Challenge.class,
                        ToAgent.Welcome.class,
                        ToAgent.Reject.class,
                        ToAgent.ConfigUpdate.class,
                        ToAgent.ScheduleSet.class,
                        ToAgent.ScheduleAsk.class,
                        ToAgent.CommandRun.class,
                        ToAgent.CommandHold.class,
                        ToAgent.CommandRefuse.class,
                        ToAgent.CommandCancel.class,
                        ToAgent.Question.class,
                        ToAgent.QuestionCancel.class,
                        ToAgent.EventAck.class,
                        ToAgent.LogAck.class,
                        ToAgent.CloneNotice.class,
                        ToAgent.Error.class)
                .forEach(kind -> table.on(kind, (from, message) -> {}));
        return table.build();
    }

    boolean connected() {
        return link.connected();
    }

    @Override
    public void close() {
        link.close();
    }
}
