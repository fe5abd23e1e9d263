package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What is done beside jobs: listing the snapshots after one, and removing a lock that was left behind. */
final class Upkeep {

    private static final System.Logger log = System.getLogger(Upkeep.class.getName());

    private final Tools tools;
    private final Cancellation cancellation;

    Upkeep(Tools tools, Cancellation cancellation) {
        this.tools = tools;
        this.cancellation = cancellation;
    }

    /**
     * Removes the lock of a restic of ours that was killed.
     *
     * @return whether restic did so; it leaves a lock alone, and says nothing, while its process is not quite gone
     */
    boolean unlock() throws InterruptedException {
        log.log(Level.INFO, "removing the lock that a killed restic may have left");
        var result = run("unlock", config -> ResticCommand.unlock());
        return result.isPresent() && result.get().exitCode() == 0;
    }

    /** Tells the server what the repository holds now. */
    void report() throws InterruptedException {
        var takenAt = tools.clock().instant();
        var result = run("snapshots", config -> ResticCommand.snapshots(config.hostname()));
        try {
            if (result.isPresent() && result.get().exitCode() == 0) {
                tools.results()
                        .snapshots(takenAt, SnapshotList.read(result.get().stdout()));
            }
        } catch (IOException e) {
            log.log(Level.WARNING, "the list of snapshots could not be read, the next job tries again", e);
        }
    }

    private Optional<Steps.Result> run(String name, Function<ToAgent.ConfigUpdate, ResticCommand> of)
            throws InterruptedException {
        try {
            var config = tools.credentials().find();
            if (config.isEmpty()
                    || RepositoryProbe.problem(config.get().repository().url()).isPresent()) {
                return Optional.empty();
            }
            var directory = tools.storage().directory("upkeep");
            tools.storage().deleteTree(directory);
            var command = new ArrayList<>(List.of(tools.program().locate().toString()));
            command.addAll(of.apply(config.get()).arguments());
            var result = new Steps(tools.storage().directory("upkeep"), tools, cancellation, () -> {})
                    .run(new Steps.Step(
                            name,
                            command,
                            tools.environment().of(config.get().repository()),
                            (output, line) -> {},
                            tools.limits().upkeep(),
                            Steps.OnCancel.GO_ON));
            if (result.exitCode() != 0) {
                var failure = ResticFailure.classify(result.exitCode(), result.stderr());
                log.log(
                        Level.WARNING,
                        "restic " + name + " failed after a job: "
                                + tools.credentials().redactor().redact(failure.explain(result.stderr())));
            }
            return Optional.of(result);
        } catch (IOException | JobEnds | ResticMissing e) {
            log.log(Level.WARNING, "restic " + name + " failed after a job: " + e.getMessage());
            return Optional.empty();
        }
    }
}
