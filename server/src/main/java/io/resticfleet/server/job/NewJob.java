package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.repository.HostRepository;
import java.time.Instant;
import java.util.Optional;

/** The part of a {@link Job} that is known when the server creates it. */
public record NewJob(
        JobId id,
        HostId hostId,
        Optional<ScheduleId> scheduleId,
        JobKind kind,
        JobStatus status,
        JobTrigger trigger,
        Optional<Instant> dueAt,
        Instant createdAt,
        Optional<String> requestedBy,
        Optional<RepositoryId> repositoryId,
        Optional<String> repositoryUrl) {

    /** At the host's repository. */
    NewJob(
            JobId id,
            HostId hostId,
            Optional<ScheduleId> scheduleId,
            JobKind kind,
            JobStatus status,
            JobTrigger trigger,
            Optional<Instant> dueAt,
            Instant createdAt,
            Optional<String> requestedBy,
            Optional<HostRepository> repository) {
        this(
                id,
                hostId,
                scheduleId,
                kind,
                status,
                trigger,
                dueAt,
                createdAt,
                requestedBy,
                repository.map(HostRepository::id),
                repository.map(HostRepository::url));
    }
}
