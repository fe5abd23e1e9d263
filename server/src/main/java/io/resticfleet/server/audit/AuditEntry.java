package io.resticfleet.server.audit;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One change.
 *
 * @param id a ULID; ids rise with time
 * @param actor a user name, with the name of the API token if one was used
 * @param action noun and verb, such as {@code schedule.update}
 * @param hostId absent if the change is not about one host
 * @param targetId what was changed; absent if it has no id
 * @param address client address of the request; absent for changes made by the server or on its console
 * @param detail further facts; never a secret
 */
public record AuditEntry(
        String id,
        Instant at,
        String actor,
        String action,
        Optional<HostId> hostId,
        Optional<String> targetId,
        Optional<String> address,
        Map<String, Object> detail) {}
