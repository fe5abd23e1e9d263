package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.function.Function;

/**
 * A job that is one call of restic.
 *
 * @param name of the step
 * @param result makes the job's result from restic's summary, if restic printed one
 */
record PlainJob(ResticCalls restic, String name, ResticCommand command, Function<ResticEvent.Summary, JobResult> result)
        implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var summaries = new ArrayList<ResticEvent.Summary>();
        var ended = restic.run(name, command, event -> {
            if (event instanceof ResticEvent.Summary summary) {
                summaries.add(summary);
            }
        });
        var figures = summaries.stream().findFirst().map(result).orElseGet(NoResult::new);
        return ended.exitCode() == 0
                ? Outcome.succeeded(0, figures)
                : ResticCalls.failed(ended).withResult(figures);
    }
}
