package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.util.Optional;

/** Which jobs to list; an absent field matches all. */
public record JobFilter(Optional<String> hostId, Optional<JobKind> kind, Optional<JobStatus> status) {}
