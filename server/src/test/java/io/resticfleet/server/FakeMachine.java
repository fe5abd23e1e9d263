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
                "");
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
