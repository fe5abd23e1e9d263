package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ProbeResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Opens a repository. A place without one is fine, as the first backup creates it; not if the host uses this repository
 * already. On request also tries to write and to remove there: a snapshot of a small file, which stays where nothing can be
 * removed, and is then tried again each time.
 */
record ProbeJob(JobRun job, ResticCalls restic, JobSpec.Probe spec) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var ended = restic.run("probe", ResticCommand.probe(), event -> {});
        if (ended.exitCode() == 0) {
            return spec.writes() ? tried() : Outcome.succeeded(0, new NoResult());
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

    private Outcome tried() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var hostname = restic.hostname();
        var left = snapshot("probe-left", hostname);
        if (left.isEmpty()) {
            var file = job.context().state().directory("probe").resolve("restic-fleet-probe.txt");
            job.context().state().write(file, "written by the test of a repository\n".getBytes(StandardCharsets.UTF_8));
            var written = restic.run("probe-write", ResticCommand.probeWrite(hostname, file), event -> {});
            if (written.exitCode() != 0) {
                return ResticCalls.failed(written);
            }
            left = snapshot("probe-written", hostname);
        }
        if (left.isEmpty()) {
            return Outcome.failed(
                    ErrorCode.AGENT_ERROR, "the snapshot that the test has written is not in the repository");
        }
        var removed = restic.run("probe-remove", ResticCommand.forget(left.get()), event -> {});
        boolean gone = removed.exitCode() == 0
                && !Retention.isRefused(removed)
                && snapshot("probe-after", hostname).isEmpty();
        job.logMessage(
                gone
                        ? "this machine can write here and remove: an intruder there could remove its backups"
                        : "this machine can write here but not remove; one small snapshot with the tag "
                                + ResticCommand.PROBE_TAG + " stays" + overwriting());
        return Outcome.succeeded(0, result(gone));
    }

    private static JobResult result(boolean gone) {
        return new ProbeResult(1, gone ? 1 : 0);
    }

    /** What the right to write still allows, by the kind of repository. */
    private String overwriting() {
        return restic.url().isObjectStorage()
                ? ". In a " + restic.url().backend()
                        + " repository, the right to write includes overwriting: turn on versioning or Object Lock of the"
                        + " bucket, or put a rest-server before it"
                : "";
    }

    /** The id of a snapshot that a test has left; empty if there is none. */
    private Optional<String> snapshot(String step, String hostname)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var listed = restic.run(step, ResticCommand.probeSnapshots(hostname), event -> {});
        if (listed.exitCode() != 0) {
            return Optional.empty();
        }
        var ids = new ArrayList<String>();
        SnapshotList.read(listed.stdout(), found -> ids.add(found.id()));
        return ids.stream().findFirst();
    }
}
