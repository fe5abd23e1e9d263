package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;

/**
 * Opens a repository that the server may give this host later. A place without a repository is fine, as the first backup
 * creates it; not if the host uses this repository already.
 */
record ProbeJob(JobRun job, ResticCalls restic) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var ended = restic.run("probe", ResticCommand.probe(), event -> {});
        if (ended.exitCode() == 0) {
            return Outcome.succeeded(0, new NoResult());
        }
        if (!ResticCalls.isNotFound(ended) || restic.repositoryKnown()) {
            return ResticCalls.failed(ended);
        }
        var taken = restic.url().localPath().flatMap(NewRepository::problem);
        if (taken.isPresent()) {
            return Outcome.failed(ErrorCode.NOT_EMPTY, taken.get());
        }
        job.logMessage("there is no repository yet; the first backup creates it");
        return Outcome.succeeded(0, new NoResult());
    }
}
