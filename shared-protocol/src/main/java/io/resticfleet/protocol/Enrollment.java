package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Optional;

/** The request by which a machine joins, once and over HTTP, and its answer. */
public final class Enrollment {

    /**
     * Request of a machine to join.
     *
     * @param replaces the machine's present id at this server, which must have been deleted there, or be the host that the
     *     token replaces the machine of; absent if it has none
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
            Optional<String> timeZone,
            Optional<HostId> replaces) {

        public Request {
            replaces = replaces == null ? Optional.empty() : replaces;
        }
    }

    /**
     * The machine has joined.
     *
     * @param hostname host name of its snapshots; differs from the requested one if the token specifies another, or if
     *     that was taken
     * @param replacement whether the host existed, and this machine takes the place of its former one; false from older
     *     servers
     */
    public record Answer(
            HostId hostId,
            String hostname,
            @JsonDeserialize(using = FalseIfAbsent.class) boolean replacement) {}

    private Enrollment() {}
}
