package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.util.Optional;

/** Creates the repository, but never in a directory with other files, and proves that no other machine did so too. */
record InitJob(JobRun job, ResticCalls restic, JobSpec.Init spec) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var known = job.context().known();
        var taken = restic.url().localPath().flatMap(NewRepository::problem);
        if (taken.isPresent()) {
            return Outcome.failed(ErrorCode.NOT_EMPTY, taken.get());
        }
        Optional<ToAgent.ConfigUpdate> sibling = spec.chunkerOf().flatMap(job::repository);
        if (spec.chunkerOf().isPresent() && sibling.isEmpty()) {
            return Outcome.failed(
                    ErrorCode.NO_REPOSITORY,
                    "not run: this machine does not use the repository whose chunker parameters are to be copied");
        }
        var calls = sibling.map(restic::from).orElse(restic);
        var refused = sibling.flatMap(job::denied).or(calls::conflict);
        if (refused.isPresent()) {
            return refused.get();
        }
        boolean before = known.unproven(restic.url());
        known.creating(restic.url());
        var command = sibling.isPresent() ? ResticCommand.init().with("--copy-chunker-params") : ResticCommand.init();
        var outcome = new PlainJob(calls, "init", command, summary -> new NoResult()).run();
        boolean exists = outcome.errorCode().equals(Optional.of(ResticFailure.REPO_EXISTS.code()));
        boolean createdByOther = exists && job.entry().parent().isPresent();
        if (createdByOther || outcome.status() == JobStatus.SUCCEEDED) {
            var proof = new CreationProof(job, restic);
            proof.await();
            return proof.problem().orElse(Outcome.succeeded(0, outcome.result()));
        }
        if (!before) {
            known.proven(restic.url());
        }
        return outcome;
    }
}
