package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.PruneText;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;

/** Frees the space of data that no snapshot needs, or measures how much that is. */
record PruneJob(ResticCalls restic, JobSpec.Prune spec) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var command = ResticCommand.prune(spec.maxUnused());
        var text = new PruneText();
        var ended = restic.run("prune", spec.dryRun() ? command.with("--dry-run") : command, text::read);
        JobResult figures = text.result().<JobResult>map(read -> read).orElseGet(NoResult::new);
        return ended.exitCode() == 0
                ? Outcome.succeeded(0, figures)
                : ResticCalls.failed(ended).withResult(figures);
    }
}
