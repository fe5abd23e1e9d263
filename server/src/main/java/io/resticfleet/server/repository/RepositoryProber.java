package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.audit.Actor;
import org.jdbi.v3.core.Handle;

/** Has agents try repositories. Implemented by a package that depends on this one. */
public interface RepositoryProber {

    /** Adds a job that tries the candidate of a host's change; returns its id. */
    JobId probe(Handle tx, Actor actor, HostId hostId, RepositoryUrl url);

    /** Sends the job, after the commit; if the host is not connected, it is sent at its next hello. */
    void freed(HostId hostId);

    /** Sends the jobs that waited for a host that used this repository and was deleted. */
    void freedAt(RepositoryId repositoryId);
}
