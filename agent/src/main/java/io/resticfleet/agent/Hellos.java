package io.resticfleet.agent;

import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.HostFacts;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.link.ServerEpoch;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.agent.schedule.HostZone;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Makes the hello of each connection, and connects again when something has changed that only a hello reports.
 *
 * <p>Safe for use by many threads.
 */
final class Hellos {

    private static final System.Logger log = System.getLogger(Hellos.class.getName());

    /** Interval of looking at restic's file. */
    private static final Duration CHECK_EVERY = Duration.ofMinutes(1);

    /** Job ids that certainly fit into a hello. */
    private static final int MAX_JOBS = 1_500;

    /** The server waits 10 s for the hello. */
    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(3);

    private final Identity identity;
    private final Environment environment;
    private final ServerEpoch epoch;
    private final Supplier<HostZone> zone;
    private final Supplier<Progress> progress;
    private final Runnable reconnect;
    private final String instanceId = UUID.randomUUID().toString();
    private Optional<Facts> sent = Optional.empty();
    private long checkedAt;

    /**
     * How far the agent is.
     *
     * @param acked sequence of the last acknowledged result
     * @param jobs that are open
     */
    record Progress(long acked, long scheduleVersion, List<JobId> jobs) {}

    /** What can change while the agent runs. */
    private record Facts(Optional<String> resticVersion, HostZone zone) {}

    /** @param reconnect ends the present connection, if there is one, and connects again */
    Hellos(
            Identity identity,
            Environment environment,
            ServerEpoch epoch,
            Supplier<HostZone> zone,
            Supplier<Progress> progress,
            Runnable reconnect) {
        this.identity = identity;
        this.environment = environment;
        this.epoch = epoch;
        this.zone = zone;
        this.progress = progress;
        this.reconnect = reconnect;
    }

    /** Connects again if the last hello is out of date. */
    synchronized void tick() {
        long now = environment.nanos().getAsLong();
        if (sent.filter(facts -> !facts.zone().equals(zone.get())).isPresent()) {
            reconnect.run();
        } else if (now - checkedAt >= CHECK_EVERY.toNanos()) {
            checkedAt = now;
            sent.filter(facts -> !facts.equals(facts())).ifPresent(facts -> reconnect.run());
        }
    }

    private Facts facts() {
        return new Facts(environment.restic().findVersion(VERSION_TIMEOUT).map(ResticVersion::toString), zone.get());
    }

    /** The signed answer to a challenge. */
    synchronized Hello answer(ToAgent.Challenge challenge) {
        var nonce = new byte[32];
        new SecureRandom().nextBytes(nonce);
        var facts = facts();
        sent = Optional.of(facts);
        if (facts.resticVersion().isEmpty()) {
            log.log(
                    Level.WARNING,
                    "no usable restic is on this machine, so that every job fails; install it, such as with apt install"
                            + " restic");
        }
        var known = epoch.find();
        var now = progress.get();
        var hello = new Hello(
                Protocol.VERSION,
                identity.hostId(),
                AgentVersion.text(),
                facts.resticVersion(),
                HostFacts.os(),
                HostFacts.arch(),
                HostFacts.hostname(),
                HostFacts.bootId(),
                facts.zone().zone().getId(),
                now.scheduleVersion(),
                environment.clock().instant(),
                now.jobs()
                        .subList(
                                Math.max(0, now.jobs().size() - MAX_JOBS),
                                now.jobs().size()),
                Base64.getEncoder().encodeToString(nonce),
                Optional.of(instanceId),
                "",
                known,
                known.map(any -> now.acked()),
                Optional.of(Protocol.features()),
                facts.zone().since());
        return HelloProof.sign(hello, challenge.nonce(), identity.key());
    }
}
