package io.resticfleet.agent.config;

import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.function.LongSupplier;

/** What an agent needs from outside; a test gives other times. */
public record Environment(
        InstantSource clock,
        LongSupplier nanos,
        ZoneId zone,
        ResticProgram restic,
        PolicyFile policy,
        LinkTimes linkTimes,
        Limits limits,
        Duration tick,
        Platform platform) {

    /** On this machine, with the clocks it has. */
    public Environment(
            InstantSource clock,
            LongSupplier nanos,
            ZoneId zone,
            ResticProgram restic,
            PolicyFile policy,
            LinkTimes linkTimes,
            Limits limits,
            Duration tick) {
        this(clock, nanos, zone, restic, policy, linkTimes, limits, tick, Platform.REAL);
    }
}
