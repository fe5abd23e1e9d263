package io.resticfleet.server.channel;

import io.resticfleet.protocol.HostId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A channel in a request.
 *
 * @param name one line of 1 to 100 characters, unique
 * @param kind such as {@code ntfy}; cannot change
 * @param config fields of the kind; secret ones that are left out keep their value
 * @param minSeverity info, warning or critical; warning if left out
 * @param hosts all if left out
 * @param tags all if left out
 * @param digest daily or weekly; none if left out
 */
public record ChannelBody(
        String name,
        String kind,
        Map<String, Object> config,
        Optional<String> minSeverity,
        Optional<List<HostId>> hosts,
        Optional<List<String>> tags,
        Optional<String> digest) {

    @Override
    public String toString() {
        return "ChannelBody[" + kind + " " + name + "]";
    }
}
