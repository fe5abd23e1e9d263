package io.resticfleet.e2e;

import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.OpenJobs;
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

/** An enrolled agent's real link to the server without the rest, as a thousand processes would need too much memory. */
final class LinkOnlyAgent implements AutoCloseable {

    /** The default times, except that every connection counts as stable, however short it was. */
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

    private static final OpenJobs NO_JOBS = new OpenJobs(List.of(), List.of());

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

    /** Enrols without connecting. */
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
                System::nanoTime,
                new SplittableRandom()));
        return new LinkOnlyAgent(joined.path("host_id").asText(), name, keys, link);
    }

    /**
     * @param challenges receives {@link System#nanoTime} for each challenge: one per connection that the server accepts
     */
    void start(Queue<Long> challenges) {
        link.start(new ServerLink.Handlers(
                challenge -> {
                    challenges.add(System.nanoTime());
                    return hello(challenge);
                },
                () -> new ToServer.Heartbeat(InstantSource.system().instant(), Optional.of(NO_JOBS), Optional.empty()),
                ignoringAll(),
                () -> new ToServer.ScheduleAck(0, Optional.empty()),
                List.of(),
                new ServerLink.ConnectionListener() {
                    @Override
                    public void connected(ToAgent.Welcome welcome) {}

                    @Override
                    public void disconnected() {}
                }));
    }

    private Hello hello(ToAgent.Challenge challenge) {
        var hello = new Hello(
                Protocol.VERSION,
                new HostId(host),
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
                Optional.empty(),
                Optional.empty());
        return HelloProof.sign(hello, challenge.nonce(), keys.getPrivate());
    }

    private static Dispatch<ServerLink, ToAgent> ignoringAll() {
        var table = Dispatch.<ServerLink, ToAgent>of(ToAgent.class);
        for (var kind : ToAgent.class.getPermittedSubclasses()) {
            table.on(kind.asSubclass(ToAgent.class), (from, message) -> {});
        }
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
