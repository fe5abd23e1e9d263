package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;
import java.util.Optional;

/** Creates the repository, but never in a directory with other files. */
record InitJob(JobRun job, ResticCalls restic) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var taken = restic.url().localPath().flatMap(NewRepository::problem);
        if (taken.isPresent()) {
            return Outcome.failed(ErrorCode.NOT_EMPTY, taken.get());
        }
        var outcome = new PlainJob(restic, "init", ResticCommand.init(), summary -> new NoResult()).run();
        boolean exists = outcome.errorCode().equals(Optional.of(ResticFailure.REPO_EXISTS.code()));
        return exists && job.entry().parent().isPresent()
                ? Outcome.succeeded(0, outcome.result()) // another host created it first
                : outcome;
    }
}
