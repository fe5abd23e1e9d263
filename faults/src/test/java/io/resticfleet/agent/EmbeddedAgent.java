package io.resticfleet.agent;

import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.config.Platform;
import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.Programs;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.agent.upgrade.UpgradePolicy;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostId;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** The real agent on a simulated platform. */
public final class EmbeddedAgent {

    private EmbeddedAgent() {}

    /** The agent's identity. */
    public record Enrolled(String hostId, String hostname, String privateKey) {}

    /** Everything the agent gets from its platform. */
    public record SimPlatform(
            InstantSource clock,
            LongSupplier nanos,
            ZoneId zone,
            ResticProgram restic,
            Programs programs,
            Threads threads,
            HttpClient client,
            RandomGenerator random,
            Duration tick) {}

    /** Starts the agent; returns once its threads are started. */
    public static void start(StateDirectory state, Enrolled enrolled, SimPlatform platform) {
        var identity = new Identity(
                new HostId(enrolled.hostId()),
                enrolled.hostname(),
                new ServerAddress("https://server"),
                enrolled.privateKey(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Agent.start(
                state,
                identity,
                new Environment(
                        platform.clock(),
                        platform.nanos(),
                        platform::zone,
                        platform.restic(),
                        new PolicyFile(state.root().resolve("policy.json"), HookRule.LOCAL_ONLY),
                        LinkTimes.DEFAULT,
                        Limits.DEFAULT,
                        platform.tick(),
                        Fstab.OF_SYSTEM,
                        new Platform(
                                platform.threads(),
                                platform.programs(),
                                pin -> platform.client(),
                                () -> platform.random(),
                                Optional::empty)),
                new Agent.Upgrades(Optional.empty(), UpgradePolicy.OFF, Optional.empty(), () -> {}));
    }
}
