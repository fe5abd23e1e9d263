package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which jobs to list; what is absent does not matter. */
public record JobFilter(Optional<String> hostId, Optional<JobKind> kind, Optional<JobStatus> status) {

    /** A condition for each value that is there: one that may be absent would keep SQLite from using an index. */
    String sql(Optional<String> before) {
        return values(before).keySet().stream()
                .map(name -> switch (name) {
                    case "before" -> "id < :before";
                    case "hostId" -> "host_id = :hostId";
                    default -> name + " = :" + name;
                })
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(" AND "), text -> text.isEmpty() ? "1 = 1" : text));
    }

    Map<String, Object> values(Optional<String> before) {
        var values = new LinkedHashMap<String, Object>();
        hostId.ifPresent(value -> values.put("hostId", value));
        kind.ifPresent(value -> values.put("kind", value));
        status.ifPresent(value -> values.put("status", value));
        before.ifPresent(value -> values.put("before", value));
        return values;
    }
}
