package io.resticfleet.server;

import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToServer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A machine that has joined, and the key that never left it. */
public record FakeMachine(String hostId, String hostname, KeyPair keys) {

    /** Of the same key, under another id. */
    public FakeMachine posingAs(String otherId) {
        return new FakeMachine(otherId, hostname, keys);
    }

    /** Of the same id, with another key. */
    public FakeMachine withOtherKey() {
        return new FakeMachine(hostId, hostname, newKeys());
    }

    /** What it says of itself, not signed yet. */
    public ToServer.Hello hello(long scheduleVersion, Instant now, String... jobs) {
        return hello(Protocol.VERSION, scheduleVersion, now, jobs);
    }

    public ToServer.Hello hello(int protocolVersion, long scheduleVersion, Instant now, String... jobs) {
        return new ToServer.Hello(
                protocolVersion,
                hostId,
                "0.1.0",
                Optional.of("0.18.0"),
                "linux",
                "amd64",
                hostname,
                "boot-1",
                "UTC",
                scheduleVersion,
                now,
                List.of(jobs),
                UUID.randomUUID().toString(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same hello, of the agent process of this id. */
    public static ToServer.Hello of(ToServer.Hello hello, String instance) {
        return with(hello, hello.agentVersion(), Optional.of(instance), hello.serverEpoch(), hello.ackedSequence());
    }

    /** The same hello, of an agent with these features. */
    public static ToServer.Hello withFeatures(ToServer.Hello hello, List<String> features) {
        return with(
                hello,
                hello.agentVersion(),
                hello.instanceId(),
                hello.serverEpoch(),
                hello.ackedSequence(),
                Optional.of(features));
    }

    /** The same hello, of an agent that has known a database. */
    public static ToServer.Hello knowing(ToServer.Hello hello, Optional<String> epoch, Optional<Long> acked) {
        return with(hello, hello.agentVersion(), hello.instanceId(), epoch, acked);
    }

    /** The same hello, of another version of the agent. */
    public static ToServer.Hello ofVersion(ToServer.Hello hello, String version) {
        return with(hello, version, hello.instanceId(), hello.serverEpoch(), hello.ackedSequence());
    }

    private static ToServer.Hello with(
            ToServer.Hello hello,
            String version,
            Optional<String> instance,
            Optional<String> epoch,
            Optional<Long> acked) {
        return with(hello, version, instance, epoch, acked, hello.features());
    }

    private static ToServer.Hello with(
            ToServer.Hello hello,
            String version,
            Optional<String> instance,
            Optional<String> epoch,
            Optional<Long> acked,
            Optional<List<String>> features) {
        return new ToServer.Hello(
                hello.protocolVersion(),
                hello.hostId(),
                version,
                hello.resticVersion(),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                hello.timeZone(),
                hello.scheduleVersion(),
                hello.wallClock(),
                hello.jobs(),
                hello.agentNonce(),
                instance,
                hello.signature(),
                epoch,
                acked,
                features);
    }

    public ToServer.Hello sign(ToServer.Hello hello, String nonce) {
        return HelloProof.sign(hello, nonce, keys.getPrivate());
    }

    static KeyPair newKeys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String publicKey(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
    }
}
