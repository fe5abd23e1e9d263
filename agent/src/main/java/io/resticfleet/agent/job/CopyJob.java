package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.protocol.CopyResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies the snapshots that are not there yet to another repository of the host, and succeeds only if the other repository
 * lists them all afterwards.
 */
record CopyJob(JobRun job, ResticCalls restic, JobSpec.Copy spec) implements JobWork {

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
        return refused.isPresent() ? refused.get() : copy(copy, target.get());
    }

    private Outcome copy(ResticCalls copy, ToAgent.ConfigUpdate target)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var source = restic.run("list-source", ResticCommand.allSnapshots(), event -> {});
        if (source.exitCode() != 0) {
            return ResticCalls.failed(source);
        }
        var before = restic.at(target).run("list-target", ResticCommand.allSnapshots(), event -> {});
        if (before.exitCode() != 0) {
            return ResticCalls.failed(before);
        }
        var wanted = contents(source.stdout());
        wanted.keySet().removeAll(new HashSet<>(spec.without().orElse(List.of())));
        wanted.values().removeAll(originals(before.stdout()));
        if (wanted.isEmpty()) {
            job.logMessage("nothing to copy: the other repository has all snapshots");
            return Outcome.succeeded(0, new CopyResult(0));
        }
        int number = wanted.size();
        var commands = ResticCommand.copy(List.copyOf(wanted.keySet()));
        for (int i = 0; i < commands.size(); i++) {
            var ended = copy.run(i == 0 ? "copy" : "copy-" + i, commands.get(i), event -> {});
            if (ended.exitCode() != 0) {
                return ResticCalls.failed(ended);
            }
        }
        var takenAt = job.context().clock().instant();
        var after = restic.at(target).run("list-copies", ResticCommand.allSnapshots(), event -> {});
        if (after.exitCode() != 0) {
            return ResticCalls.failed(after);
        }
        if (target.whole()) {
            job.context().snapshots().of(target).listed(SnapshotFile.Head.of(target, takenAt), after.stdout());
        }
        wanted.values().removeAll(originals(after.stdout()));
        return wanted.isEmpty() ? Outcome.succeeded(0, new CopyResult(number)) : incomplete(wanted, number);
    }

    /** Some may have been removed from the source meanwhile. */
    private Outcome incomplete(Map<String, Long> missing, int number)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var source = restic.run("list-source-again", ResticCommand.allSnapshots(), event -> {});
        if (source.exitCode() != 0) {
            return ResticCalls.failed(source);
        }
        var result = new CopyResult(number - missing.size());
        missing.keySet().retainAll(contents(source.stdout()).keySet());
        return missing.isEmpty()
                ? Outcome.succeeded(0, result)
                : Outcome.failed(
                                0,
                                ErrorCode.COPY_INCOMPLETE,
                                "restic ended without an error, but the other repository lacks " + missing.size()
                                        + (missing.size() == 1 ? " snapshot" : " snapshots") + ", such as "
                                        + missing.keySet().iterator().next())
                        .withResult(result);
    }

    /** What identifies the content of each snapshot in all repositories, by its id in this one. */
    private static Map<String, Long> contents(Path stdout) throws IOException {
        var contents = new LinkedHashMap<String, Long>();
        SnapshotList.read(stdout, snapshot -> contents.put(snapshot.id(), content(snapshot)));
        return contents;
    }

    private static Set<Long> originals(Path stdout) throws IOException {
        return new HashSet<>(contents(stdout).values());
    }

    /** restic names the first original in every copy, and keeps the tree. */
    private static long content(Snapshot snapshot) {
        long original = SnapshotChecksums.key(snapshot.original().orElse(snapshot.id()));
        return 31 * original + SnapshotChecksums.key(snapshot.tree().orElse(snapshot.id()));
    }
}
