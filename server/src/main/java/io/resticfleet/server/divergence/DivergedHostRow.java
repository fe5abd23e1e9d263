package io.resticfleet.server.divergence;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Optional;

/**
 * A row of {@code restored_hosts}.
 *
 * @param decision a {@link Decision}'s word, until it is carried out; absent if nobody has decided
 * @param decidedBy a user name
 */
record DivergedHostRow(
        HostId hostId,
        Instant sinceAt,
        String reason,
        Optional<Long> heldVersion,
        Optional<String> decision,
        Optional<String> decidedBy) {

    boolean decided(Decision wanted) {
        return decision.filter(wanted.word()::equals).isPresent();
    }

    /** What the server does not know better by itself must not be changed here, nor pushed. */
    boolean waits() {
        return !decided(Decision.PUSH);
    }
}
