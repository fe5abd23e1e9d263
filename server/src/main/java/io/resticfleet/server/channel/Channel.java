package io.resticfleet.server.channel;

import com.fasterxml.jackson.annotation.JsonValue;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.alert.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where people are told.
 *
 * @param id ULID
 * @param config without secrets
 * @param secrets names of the secret fields that are set
 * @param target the server to which messages go, such as {@code hooks.slack.com}
 * @param minSeverity less severe alerts are not sent
 * @param hosts only alerts that are about one of these hosts; absent for all, and the server's own
 * @param tags only alerts of schedules with one of these tags; absent for all, and the server's own
 * @param digest absent for none
 * @param waiting messages and events to be sent
 * @param failingSince absent if the last message was delivered, or there was none
 * @param lastError why the last attempt failed; absent if it succeeded
 */
public record Channel(
        String id,
        String name,
        ChannelKind kind,
        Map<String, Object> config,
        List<String> secrets,
        String target,
        Severity minSeverity,
        Optional<List<HostId>> hosts,
        Optional<List<String>> tags,
        Optional<DigestEvery> digest,
        Status status,
        int waiting,
        Instant createdAt,
        Optional<Instant> failingSince,
        Optional<Instant> lastDeliveredAt,
        Optional<String> lastError) {

    /** Whether messages arrive. */
    public enum Status {
        OK,
        FAILING,
        /** Nothing was sent yet. */
        UNTESTED;

        /** The name in JSON, such as {@code ok}. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
