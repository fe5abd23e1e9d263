package io.resticfleet.server.schedule;

import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.link.Agents;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What will go wrong, or may go wrong, with a schedule on its host. For the API and the pages. */
public final class ScheduleWarnings {

    private final HostPolicies policies;
    private final Agents agents;

    public ScheduleWarnings(HostPolicies policies, Agents agents) {
        this.policies = policies;
        this.agents = agents;
    }

    /** Sentences; none if nothing is known to go wrong. */
    public List<String> of(HostId hostId, JobKind kind, Hooks hooks, List<String> paths, List<String> excludes) {
        return Stream.concat(
                        Stream.of(refusedHooks(hostId, kind, hooks), unknownAgent(hostId, kind, hooks))
                                .flatMap(Optional::stream),
                        Schedule.excludedPaths(paths, excludes).stream()
                                .map(path -> "The excludes leave out " + path + ", with everything in it."))
                .toList();
    }

    private Optional<String> refusedHooks(HostId hostId, JobKind kind, Hooks hooks) {
        return policies.find(hostId)
                .flatMap(policy -> policy.refusal(hooks))
                .map(why -> "The hooks will not run, and each " + kind.word() + " will end as partial: " + why + ".");
    }

    private Optional<String> unknownAgent(HostId hostId, JobKind kind, Hooks hooks) {
        return Schedules.needsHooksOfAllKinds(kind, hooks)
                        && agents.find(hostId).isEmpty()
                ? Optional.of(
                        "This machine is not connected. If its agent is older than this server, it may refuse all its"
                                + " schedules because of these hooks; then update the agent.")
                : Optional.empty();
    }
}
