package io.resticfleet.faults.alert;

import io.resticfleet.faults.Timeline;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.EmbeddedServer;
import io.resticfleet.server.link.AgentSocket;
import java.lang.reflect.Proxy;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** An agent as its server sees it: it speaks the protocol, and keeps results until they are acknowledged. */
final class Stub {

    /** A result and what its acknowledgement means. */
    private record Kept(ToServer.Result result, Runnable stored) {}

    private static long sessions;

    private final String name;
    private final Timeline timeline;
    private final AlertServer server;
    private final KeyPair keys = keys();
    private final Deque<Kept> outbox = new ArrayDeque<>();
    private final Set<JobId> jobs = new LinkedHashSet<>();
    private final Consumer<Boolean> presence;
    private Optional<HostId> hostId = Optional.empty();
    private Optional<AgentSocket.Caller> caller = Optional.empty();
    private boolean welcomed;
    private boolean reachable = true;
    private long sequence;
    private long version;

    /** @param presence told whether it is connected, at each change */
    Stub(String name, Timeline timeline, AlertServer server, Consumer<Boolean> presence) {
        this.name = name;
        this.timeline = timeline;
        this.server = server;
        this.presence = presence;
    }

    HostId id() {
        return hostId.orElseThrow();
    }

    boolean connected() {
        return welcomed;
    }

    void enrol(EmbeddedServer there) {
        there.db().change(tx -> {
            var host = there.hosts()
                    .add(
                            tx,
                            new Enrollment.Request(
                                    "",
                                    Base64.getEncoder()
                                            .encodeToString(keys.getPublic().getEncoded()),
                                    name,
                                    "linux",
                                    "amd64",
                                    "1.0.0",
                                    Optional.of("0.18.0"),
                                    Optional.of("UTC"),
                                    Optional.empty()),
                            name);
            there.repositories()
                    .assign(
                            tx,
                            host.id(),
                            new Repository(
                                    new RepositoryUrl("sftp:nas:/srv/" + name),
                                    Optional.empty(),
                                    Optional.empty(),
                                    "secret"));
            tx.execute("UPDATE repositories SET check_within_days = 0"); // nothing here checks them
            hostId = Optional.of(host.id());
        });
    }

    /** Whether there is a way between the machine and the server; the machine may be off. */
    void reachable(boolean now) {
        reachable = now;
        if (now) {
            dial();
        } else {
            hangUp();
        }
    }

    /** Connects, if that is possible and it is not connected. */
    void dial() {
        if (!reachable || caller.isPresent() || !server.up() || hostId.isEmpty()) {
            return;
        }
        var made = new AgentSocket.Caller[1];
        var session = (Session) Proxy.newProxyInstance(
                Stub.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "sendText" -> {
                            var frame = (String) arguments[0];
                            timeline.after(Duration.ZERO, () -> received(made[0], frame));
                            ((Callback) arguments[1]).succeed();
                        }
                        case "sendPing" -> ((Callback) arguments[1]).succeed();
                        case "close", "disconnect" -> timeline.after(Duration.ZERO, () -> closed(made[0]));
                        case "isOpen", "isSecure" -> {
                            return true;
                        }
                        default -> {}
                    }
                    return null;
                });
        made[0] = new AgentSocket.Caller("session-" + sessions++, session, () -> name, () -> false, () -> {});
        caller = Optional.of(made[0]);
        server.run(there -> there.socket().connected(made[0]));
    }

    private void closed(AgentSocket.Caller which) {
        if (caller.filter(which::equals).isPresent()) {
            hangUp();
            timeline.after(Duration.ofSeconds(20), this::dial);
        }
    }

    private void hangUp() {
        caller.ifPresent(ending -> {
            server.run(there -> there.socket().closed(ending, 1006));
            lost();
        });
    }

    /** The server has ended. */
    void lost() {
        caller = Optional.empty();
        if (welcomed) {
            welcomed = false;
            presence.accept(false);
        }
    }

    void heartbeat() {
        if (welcomed) {
            send(new ToServer.Heartbeat(now(), Optional.empty(), Optional.empty()));
        }
    }

    /** Jobs that it has, until their end is stored. */
    Set<JobId> jobs() {
        return jobs;
    }

    /** Keeps a result until it is stored. */
    void report(LongFunction<ToServer.Result> result, Runnable stored) {
        var kept = new Kept(result.apply(++sequence), stored);
        outbox.add(kept);
        if (welcomed) {
            send(kept.result());
        }
    }

    void send(ToServer message) {
        caller.ifPresent(open -> server.run(there -> there.socket().received(open, Wire.encode(message))));
    }

    private void received(AgentSocket.Caller from, String frame) {
        if (caller.filter(from::equals).isEmpty()) {
            return;
        }
        try {
            handle(Wire.decodeToAgent(frame));
        } catch (Wire.UnreadableMessage e) {
            throw new IllegalStateException(e);
        }
    }

    private void handle(ToAgent message) {
        if (message instanceof ToAgent.Challenge challenge) {
            send(HelloProof.sign(hello(), challenge.nonce(), keys.getPrivate()));
        } else if (message instanceof ToAgent.Welcome) {
            welcomed = true;
            presence.accept(true);
            heartbeat();
            List.copyOf(outbox).forEach(kept -> send(kept.result()));
        } else if (message instanceof ToAgent.ScheduleSet set) {
            version = Math.max(version, set.version());
            send(new ToServer.ScheduleAck(version, Optional.empty()));
        } else if (message instanceof ToAgent.EventAck ack) {
            while (!outbox.isEmpty() && outbox.peek().result().sequence() <= ack.sequence()) {
                outbox.poll().stored().run();
            }
        }
    }

    private Hello hello() {
        return new Hello(
                Protocol.VERSION,
                id(),
                "1.0.0",
                Optional.of("0.18.0"),
                "linux",
                "amd64",
                name,
                "boot",
                "UTC",
                version,
                now(),
                List.copyOf(jobs),
                Base64.getEncoder().encodeToString(new byte[32]),
                Optional.of("instance-" + name),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private Instant now() {
        return timeline.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519", e);
        }
    }
}
