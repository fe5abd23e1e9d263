package io.resticfleet.server.audit;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One change.
 *
 * @param id a ULID; a later entry has a greater one
 * @param actor a user name; with the API token's name if one was used
 * @param action noun and verb, such as {@code schedule.update}
 * @param hostId absent if it is about no single host
 * @param targetId what was changed; absent if that has no id
 * @param address where the request came from; absent for what was done on the server's own machine
 * @param detail what else is worth knowing; never a secret
 */
public record AuditEntry(
        String id,
        Instant at,
        String actor,
        String action,
        Optional<String> hostId,
        Optional<String> targetId,
        Optional<String> address,
        Map<String, Object> detail) {}
