package io.resticfleet.server.channel;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.alert.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A row of the table {@code channels}, with the number of what waits. */
record ChannelRow(
        String id,
        String name,
        String kind,
        Map<String, Object> config,
        List<String> secrets,
        String address,
        String minSeverity,
        List<HostId> hosts,
        List<String> tags,
        Optional<String> digest,
        Instant createdAt,
        Instant nextAt,
        int failures,
        Optional<Instant> failingSinceAt,
        Optional<Instant> lastDeliveredAt,
        Optional<String> lastError,
        int waiting) {

    ChannelKind channelKind() {
        return ChannelKind.of(kind);
    }

    /** Of a word that was checked when it was stored. */
    Severity severity() {
        return severity(minSeverity);
    }

    static Severity severity(String word) {
        for (var severity : Severity.values()) {
            if (severity.word().equals(word)) {
                return severity;
            }
        }
        throw new IllegalArgumentException("min_severity must be info, warning or critical");
    }

    boolean isFiltered() {
        return !hosts.isEmpty() || !tags.isEmpty();
    }

    Channel channel() {
        return new Channel(
                id,
                name,
                channelKind(),
                config,
                secrets,
                ChannelConfig.host(address),
                severity(),
                Optional.of(hosts).filter(all -> !all.isEmpty()),
                Optional.of(tags).filter(all -> !all.isEmpty()),
                digest.map(DigestEvery::of),
                failingSinceAt.isPresent()
                        ? Channel.Status.FAILING
                        : lastDeliveredAt.isPresent() ? Channel.Status.OK : Channel.Status.UNTESTED,
                waiting,
                createdAt,
                failingSinceAt,
                lastDeliveredAt,
                lastError);
    }
}
