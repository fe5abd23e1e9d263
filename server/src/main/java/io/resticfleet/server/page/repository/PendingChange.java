package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import java.util.Optional;

/**
 * A change of access to a repository that does not apply yet, or a test of its present access.
 *
 * @param pending absent if there is none
 */
record PendingChange(RepositoryId id, Optional<Pending> pending) {

    /**
     * A change.
     *
     * @param url that is tried
     * @param test whether nothing changes
     * @param jobId of the job that tries it
     * @param tried whether that job has ended
     * @param opened whether it has opened the repository; the change was refused then
     * @param why it could not be opened, or what the job waits for; may be empty
     * @param hostId the machine that tries it
     * @param online whether that machine is connected
     */
    record Pending(
            String url,
            boolean test,
            JobId jobId,
            boolean tried,
            boolean opened,
            String why,
            HostId hostId,
            String host,
            boolean online) {}
}
