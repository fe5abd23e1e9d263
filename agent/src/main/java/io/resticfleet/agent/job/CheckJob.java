package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import java.io.IOException;
import java.util.Optional;

/** Verifies the repository's structure, and the wanted part of its data; lists its keys. */
record CheckJob(ResticCalls restic, JobSpec.Check spec) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var outcome = new PlainJob(
                        restic,
                        "check",
                        ResticCommand.check(spec.readData()),
                        summary -> new CheckResult(summary.figures().errorCount(), Optional.empty(), Optional.empty()))
                .run();
        boolean complete =
                outcome.status() == JobStatus.SUCCEEDED || outcome.errorCode().equals(Optional.of(ErrorCode.DAMAGED));
        if (!complete) {
            return outcome;
        }
        long errors = outcome.result() instanceof CheckResult counted ? counted.errorCount() : 0;
        var listed = KeyList.of(restic, "keys");
        return outcome.withResult(new CheckResult(
                outcome.status() == JobStatus.SUCCEEDED ? errors : Math.max(1, errors), // restic counts since 0.18
                Optional.of(spec.readData().map(DataPart::share).orElse(0.0)),
                Optional.of(listed.keys()).filter(keys -> listed.failure().isEmpty())));
    }
}
