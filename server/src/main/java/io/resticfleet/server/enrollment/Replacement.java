package io.resticfleet.server.enrollment;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a host has another machine than at first.
 *
 * @param prepared a token that another machine can use now; absent if there is none
 * @param last the last replacement; absent if there was none
 */
public record Replacement(Optional<Prepared> prepared, Optional<Done> last) {

    /**
     * A token that was not used yet.
     *
     * @param createdBy user name
     */
    public record Prepared(String createdBy, Instant expiresAt) {}

    /**
     * A machine that has taken the place of another.
     *
     * @param replacedBy user who made the token
     * @param connected whether its agent has connected since
     * @param formerRefusedAt when the agent of a former machine last tried to connect, up to five minutes old; absent if
     *     none did
     */
    public record Done(Instant replacedAt, String replacedBy, boolean connected, Optional<Instant> formerRefusedAt) {}
}
