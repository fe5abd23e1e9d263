package io.resticfleet.protocol;

import java.util.Optional;

/** What is said over HTTP when a machine joins, once. */
public final class Enrollment {

    /**
     * A machine asks to join.
     *
     * @param publicKey Ed25519, X.509 SubjectPublicKeyInfo, Base64; the private key never leaves the machine
     */
    public record Request(
            String token,
            String publicKey,
            String hostname,
            String os,
            String arch,
            String agentVersion,
            Optional<String> resticVersion,
            Optional<String> timeZone) {}

    /**
     * The machine is known from now on.
     *
     * @param hostname the name under which its snapshots go; differs from what it said if the token named another, or
     *     if that was taken
     */
    public record Answer(String hostId, String hostname) {}

    private Enrollment() {}
}
