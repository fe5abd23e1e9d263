package io.resticfleet.server.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * Schedules that are not sent, as the host's agent is too old for them: it would refuse its whole set, or use another
 * repository.
 */
public final class WithheldSchedules {

    private final Agents agents;

    WithheldSchedules(Agents agents) {
        this.agents = agents;
    }

    /** The set for this host's agent as it is connected now, without those that it does not know. */
    ToAgent.ScheduleSet sent(Handle handle, HostId hostId, ToAgent.ScheduleSet set) {
        return sent(handle, hostId, set, agents.find(hostId));
    }

    /** The set for an agent of this host, without the schedules that it does not know. */
    ToAgent.ScheduleSet sent(Handle handle, HostId hostId, ToAgent.ScheduleSet set, Optional<AgentConnection> agent) {
        var first = first(handle, hostId);
        return new ToAgent.ScheduleSet(
                set.version(),
                set.schedules().stream()
                        .filter(schedule -> agent.filter(one -> !knows(one, schedule, first))
                                .isEmpty())
                        .toList(),
                set.acceptedRuns());
    }

    /** Whether a schedule is not sent to this host's agent; false while it is not connected. */
    boolean isWithheld(Handle handle, HostId hostId, Schedule schedule) {
        var first = first(handle, hostId);
        return agents.find(hostId)
                .filter(agent -> !knows(agent, schedule, first))
                .isPresent();
    }

    private static boolean knows(AgentConnection agent, Schedule schedule, Optional<RepositoryId> first) {
        return schedule.kind().feature().filter(Predicate.not(agent::supports)).isEmpty()
                && (schedule.repositoryId().isEmpty()
                        || schedule.repositoryId().equals(first)
                        || agent.supports(Protocol.REPOSITORIES));
    }

    private static Optional<RepositoryId> first(Handle handle, HostId hostId) {
        return handle.attach(ScheduleDao.class).firstRepository(hostId);
    }
}
