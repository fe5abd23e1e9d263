package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.CopyResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobSpec;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Copies all snapshots that are not there yet to another repository of the host. */
record CopyJob(JobRun job, ResticCalls restic, JobSpec.Copy spec) implements JobWork {

    private static final Pattern COPIED = Pattern.compile("snapshot [0-9a-f]+ saved\\b.*");

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var target = job.repository(spec.to());
        if (target.isEmpty()) {
            return Outcome.failed(
                    ErrorCode.NO_REPOSITORY, "not run: this machine does not use the repository to copy to");
        }
        var copy = restic.to(target.get());
        var refused = job.denied(target.get())
                .or(copy::conflict)
                .or(restic::unreachable)
                .or(copy::unreachable);
        if (refused.isPresent()) {
            return refused.get();
        }
        var copied = new AtomicLong();
        var ended = copy.run("copy", ResticCommand.copy(), event -> {
            if (event instanceof ResticEvent.Text text) {
                copied.addAndGet(text.line()
                        .lines()
                        .filter(line -> COPIED.matcher(line).matches())
                        .count());
            }
        });
        var figures = new CopyResult(copied.get());
        return ended.exitCode() == 0
                ? Outcome.succeeded(0, figures)
                : ResticCalls.failed(ended).withResult(figures);
    }
}
