package io.resticfleet.agent.config;

import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.function.LongSupplier;

/** Dependencies of an agent on its environment. Tests use other clocks and times. */
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

    /** The environment on a real machine. */
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
