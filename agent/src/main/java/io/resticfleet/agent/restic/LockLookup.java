package io.resticfleet.agent.restic;

import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryLock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.function.BooleanSupplier;

/** Looks up the locks of a repository, beside the jobs and without a lock of its own. Safe for use by many threads. */
public final class LockLookup {

    /** restic takes half a second for each. */
    private static final int MAX_LOCKS = 10;

    private final ResticProgram program;
    private final ResticEnvironment environment;

    /** @param environment one that no job uses, as it writes credentials into files */
    public LockLookup(ResticProgram program, ResticEnvironment environment) {
        this.program = program;
        this.environment = environment;
    }

    /**
     * The locks now.
     *
     * @param over true once the result is not needed any more
     * @throws IOException if they cannot be listed, with the reason
     */
    public synchronized LocksReport of(Repository repository, BooleanSupplier over)
            throws IOException, InterruptedException, ResticMissing {
        var unreachable = RepositoryProbe.problem(repository);
        if (unreachable.isPresent()) {
            throw new IOException(unreachable.get());
        }
        var ids = Locks.ids(run(ResticCommand.locks(), repository, over));
        var locks = new ArrayList<RepositoryLock>();
        for (var id : ids.subList(0, Math.min(MAX_LOCKS, ids.size()))) {
            try {
                Locks.parse(id, run(ResticCommand.lock(id), repository, over)).ifPresent(locks::add);
            } catch (IOException e) {
                continue; // removed meanwhile, or damaged: it is counted
            }
        }
        return new LocksReport(locks, ids.size());
    }

    private String run(ResticCommand command, Repository repository, BooleanSupplier over)
            throws IOException, InterruptedException, ResticMissing {
        var result = ShortRun.of(
                environment.commandLine(program.locate(), command, repository), environment.of(repository), over);
        if (result.exitCode() != 0) {
            var stderr = String.join("\n", result.messages());
            throw new IOException(
                    ResticFailure.classify(result.exitCode(), stderr).explain(stderr));
        }
        return result.output();
    }
}
