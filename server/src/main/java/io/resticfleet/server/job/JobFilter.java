package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.util.Optional;

/**
 * Which jobs to list; an absent field matches all.
 *
 * @param host its id as the client wrote it; matches none if it is no id
 * @param repository likewise
 */
public record JobFilter(
        Optional<String> host, Optional<JobKind> kind, Optional<JobStatus> status, Optional<String> repository) {}
