package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The answer to {@link ToAgent.Challenge}, and the first message on every connection.
 *
 * @param resticVersion such as {@code 0.14.0}; absent where restic is missing
 * @param bootId changes with every boot of the machine
 * @param timeZone IANA name of the machine's time zone
 * @param scheduleVersion of the agent's schedule set; 0 if it never received one
 * @param wallClock current time by the agent's clock
 * @param jobs ids of the jobs that are waiting, running, or ended but not yet reported
 * @param agentNonce 32 random bytes, Base64
 * @param instanceId random, new at each start of the agent, so that two agents with one identity can be
 *     distinguished; absent from older agents
 * @param signature see {@link HelloProof}
 * @param serverEpoch the epoch of the last {@link ToAgent.Welcome}; absent if there was none. Not signed
 * @param ackedSequence sequence of the last acknowledged result; absent if the epoch is. Not signed
 * @param features capabilities that older agents lack, such as {@link Ask#feature}; absent from older agents. Not
 *     signed: an attacker who can change it could also drop the frames it is about
 * @param timeZoneSince when {@code timeZone} last changed; absent if it never did, and from older agents. Not signed
 */
@JsonTypeName("hello")
public record Hello(
        int protocolVersion,
        HostId hostId,
        String agentVersion,
        Optional<String> resticVersion,
        String os,
        String arch,
        String hostname,
        String bootId,
        String timeZone,
        long scheduleVersion,
        Instant wallClock,
        List<JobId> jobs,
        String agentNonce,
        Optional<String> instanceId,
        String signature,
        Optional<String> serverEpoch,
        Optional<Long> ackedSequence,
        Optional<List<String>> features,
        Optional<Instant> timeZoneSince)
        implements ToServer {

    /** @throws IllegalArgumentException if a text is too long, as nothing that is signed can be cut */
    public Hello {
        Stream.of(agentVersion, os, arch, hostname, bootId, timeZone, agentNonce, signature)
                .forEach(text -> Limit.check(text, Limit.LINE));
        Stream.of(resticVersion, instanceId, serverEpoch)
                .flatMap(Optional::stream)
                .forEach(text -> Limit.check(text, Limit.LINE));
        Limit.check(jobs, MAX_JOBS);
        features = features.map(Limit::cut);
    }

    /** A frame of {@link Protocol#MAX_HELLO_BYTES} has room for fewer. */
    private static final int MAX_JOBS = Protocol.MAX_HELLO_BYTES / Id.LENGTH;

    Hello signed(String newSignature) {
        return new Hello(
                protocolVersion,
                hostId,
                agentVersion,
                resticVersion,
                os,
                arch,
                hostname,
                bootId,
                timeZone,
                scheduleVersion,
                wallClock,
                jobs,
                agentNonce,
                instanceId,
                newSignature,
                serverEpoch,
                ackedSequence,
                features,
                timeZoneSince);
    }
}
