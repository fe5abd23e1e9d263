package io.resticfleet.server;

import io.resticfleet.protocol.Hello;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies of an unsigned hello with one thing changed. */
public final class SampleHellos {

    private SampleHellos() {}

    /** From the agent process with this id. */
    public static Hello ofProcess(Hello hello, String instanceId) {
        return Samples.changed(hello, Map.of("instance_id", instanceId));
    }

    /** From an agent with these features. */
    public static Hello withFeatures(Hello hello, List<String> features) {
        return Samples.changed(hello, Map.of("features", features));
    }

    /** From an agent that was connected to the database of this epoch. */
    public static Hello afterEpoch(Hello hello, Optional<String> epoch, Optional<Long> acked) {
        return Samples.changed(hello, Map.of("server_epoch", epoch, "acked_sequence", acked));
    }

    /** From another version of the agent. */
    public static Hello ofVersion(Hello hello, String agentVersion) {
        return Samples.changed(hello, Map.of("agent_version", agentVersion));
    }

    /** From a host whose time zone was changed to this one. */
    public static Hello inZone(Hello hello, String timeZone, Optional<Instant> since) {
        return Samples.changed(hello, Map.of("time_zone", timeZone, "time_zone_since", since));
    }

    /** From an agent that finds no restic. */
    public static Hello withoutRestic(Hello hello) {
        return Samples.changed(hello, Map.of("restic_version", Optional.empty()));
    }
}
