package io.resticfleet.agent.config;

import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Dependencies of an agent on its environment. Tests use other clocks and times.
 *
 * @param zone the machine's present time zone; asked at each tick
 */
public record Environment(
        InstantSource clock,
        LongSupplier nanos,
        Supplier<ZoneId> zone,
        ResticProgram restic,
        PolicyFile policy,
        LinkTimes linkTimes,
        Limits limits,
        Duration tick,
        Fstab fstab,
        Platform platform) {

    /** The environment on a real machine. */
    public Environment(
            InstantSource clock,
            LongSupplier nanos,
            Supplier<ZoneId> zone,
            ResticProgram restic,
            PolicyFile policy,
            LinkTimes linkTimes,
            Limits limits,
            Duration tick,
            Fstab fstab) {
        this(clock, nanos, zone, restic, policy, linkTimes, limits, tick, fstab, Platform.REAL);
    }
}
