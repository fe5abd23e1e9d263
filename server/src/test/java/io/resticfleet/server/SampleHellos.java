package io.resticfleet.server;

import io.resticfleet.protocol.Hello;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Copies of an unsigned hello with one thing changed. */
public final class SampleHellos {

    private SampleHellos() {}

    /** From the agent process with this id. */
    public static Hello ofProcess(Hello hello, String instanceId) {
        return copy(
                hello,
                hello.agentVersion(),
                Optional.of(instanceId),
                hello.serverEpoch(),
                hello.ackedSequence(),
                hello.features());
    }

    /** From an agent with these features. */
    public static Hello withFeatures(Hello hello, List<String> features) {
        return copy(
                hello,
                hello.agentVersion(),
                hello.instanceId(),
                hello.serverEpoch(),
                hello.ackedSequence(),
                Optional.of(features));
    }

    /** From an agent that was connected to the database of this epoch. */
    public static Hello afterEpoch(Hello hello, Optional<String> epoch, Optional<Long> acked) {
        return copy(hello, hello.agentVersion(), hello.instanceId(), epoch, acked, hello.features());
    }

    /** From another version of the agent. */
    public static Hello ofVersion(Hello hello, String agentVersion) {
        return copy(
                hello, agentVersion, hello.instanceId(), hello.serverEpoch(), hello.ackedSequence(), hello.features());
    }

    /** From a host whose time zone was changed to this one. */
    public static Hello inZone(Hello hello, String timeZone, Optional<Instant> since) {
        return new Hello(
                hello.protocolVersion(),
                hello.hostId(),
                hello.agentVersion(),
                hello.resticVersion(),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                timeZone,
                hello.scheduleVersion(),
                hello.wallClock(),
                hello.jobs(),
                hello.agentNonce(),
                hello.instanceId(),
                hello.signature(),
                hello.serverEpoch(),
                hello.ackedSequence(),
                hello.features(),
                since);
    }

    /** From an agent that finds no restic. */
    public static Hello withoutRestic(Hello hello) {
        return new Hello(
                hello.protocolVersion(),
                hello.hostId(),
                hello.agentVersion(),
                Optional.empty(),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                hello.timeZone(),
                hello.scheduleVersion(),
                hello.wallClock(),
                hello.jobs(),
                hello.agentNonce(),
                hello.instanceId(),
                hello.signature(),
                hello.serverEpoch(),
                hello.ackedSequence(),
                hello.features(),
                hello.timeZoneSince());
    }

    private static Hello copy(
            Hello hello,
            String agentVersion,
            Optional<String> instanceId,
            Optional<String> epoch,
            Optional<Long> acked,
            Optional<List<String>> features) {
        return new Hello(
                hello.protocolVersion(),
                hello.hostId(),
                agentVersion,
                hello.resticVersion(),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                hello.timeZone(),
                hello.scheduleVersion(),
                hello.wallClock(),
                hello.jobs(),
                hello.agentNonce(),
                instanceId,
                hello.signature(),
                epoch,
                acked,
                features,
                hello.timeZoneSince());
    }
}
