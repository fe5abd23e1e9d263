package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.Locks;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.UnlockResult;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Removes locks. Succeeds only if none stays: restic exits with 0 also for locks that it considers in use.
 *
 * <p>A young lock with this machine's name whose process does not exist here is removed, as an operator asked for it, unless
 * the server has reported a clone of this machine, which may be using it. Without being asked, the agent never removes one,
 * see {@link RepositoryUpkeep}.
 */
record UnlockJob(JobRun job, ResticCalls restic, JobSpec.Unlock spec) implements JobWork {

    /** Locks that are looked up; more are counted. */
    private static final int MAX_LISTED = 20;

    private static final int MAX_NAMED = 5;

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var now = job.context().clock().instant();
        var listed = restic.run("locks", ResticCommand.locks(), event -> {});
        if (listed.exitCode() != 0) {
            return ResticCalls.failed(listed);
        }
        var before = Locks.ids(Files.readString(listed.stdout()));
        var kept = maybeOfClone(before, now);
        if (!kept.isEmpty()) {
            return stays(
                    0,
                    before.size(),
                    kept,
                    "; no such process is known on this machine, and its clone may be using the repository. Unlock again"
                            + " 30 minutes after the last refresh, or remove all locks when no clone is at work");
        }
        var command = spec.removeAll() ? ResticCommand.unlockAll() : ResticCommand.unlock();
        var unlocked = new PlainJob(restic, "unlock", command, summary -> new NoResult()).run();
        if (unlocked.errorCode().isPresent()) {
            return unlocked;
        }
        var after = restic.run("locks", ResticCommand.locks(), event -> {});
        if (after.exitCode() != 0) {
            return ResticCalls.failed(after);
        }
        var left = Locks.ids(Files.readString(after.stdout()));
        long removed = before.stream().filter(id -> !left.contains(id)).count();
        return left.isEmpty()
                ? unlocked.withResult(new UnlockResult(removed, List.of()))
                : stays(
                        removed,
                        left.size(),
                        describe(left),
                        "; restic keeps a lock whose process may still be running: if nothing runs there, remove all locks");
    }

    private List<RepositoryLock> maybeOfClone(List<String> ids, Instant now)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var context = job.context();
        return spec.removeAll() || !context.runIds().hasClone()
                ? List.of()
                : Locks.maybeOfNamesake(describe(ids), new StaleLockMarker(context.state()).pids(), now);
    }

    private Outcome stays(long removed, int count, List<RepositoryLock> locks, String why) {
        var now = job.context().clock().instant();
        var holders = locks.stream()
                .limit(MAX_NAMED)
                .map(lock -> Locks.words(lock, now))
                .collect(Collectors.joining(", "));
        return Outcome.failed(
                        0,
                        ErrorCode.LOCKED,
                        count
                                + (count == 1 ? " lock stays: " : " locks stay: ")
                                + holders
                                + (count > MAX_NAMED ? ", …" : "")
                                + why)
                .withResult(new UnlockResult(removed, locks));
    }

    private List<RepositoryLock> describe(List<String> ids)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var locks = new ArrayList<RepositoryLock>();
        for (var id : ids.subList(0, Math.min(MAX_LISTED, ids.size()))) {
            var lock = restic.run("lock", ResticCommand.lock(id), event -> {});
            if (lock.exitCode() == 0) { // else it was removed meanwhile
                Locks.parse(id, Files.readString(lock.stdout())).ifPresent(locks::add);
            }
        }
        return locks;
    }
}
