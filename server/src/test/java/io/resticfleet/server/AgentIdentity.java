package io.resticfleet.server;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Protocol;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The host id and the key with which an agent introduces itself. */
public record AgentIdentity(String hostId, String hostname, KeyPair keys) {

    public static KeyPair newKeys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As agents send it to enrol. */
    public static String publicKey(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
    }

    /** A hello without a signature. */
    Hello hello(int protocolVersion, long scheduleVersion, Instant now, String... jobs) {
        return new Hello(
                protocolVersion,
                new HostId(hostId),
                "0.1.0",
                Optional.of("0.18.0"),
                "linux",
                "amd64",
                hostname,
                "boot-1",
                "UTC",
                scheduleVersion,
                now,
                Stream.of(jobs).map(JobId::new).toList(),
                UUID.randomUUID().toString(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.of(Protocol.features().stream()
                        .filter(feature -> feature.startsWith("job.")
                                || feature.equals("question.locks")
                                || feature.equals("question.restore_permission")
                                || feature.equals(Protocol.REPLACEMENT)
                                || feature.equals(Protocol.RETENTION_PLANS))
                        .toList()),
                Optional.empty());
    }

    Hello sign(Hello hello, String nonce) {
        return HelloProof.sign(hello, nonce, keys.getPrivate());
    }
}
