package io.resticfleet.agent.job;

import io.resticfleet.agent.path.PathLooks;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.KnownRepositories;
import io.resticfleet.agent.restic.Programs;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.ToServer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Everything that jobs use.
 *
 * @param nanos monotonic clock, for durations only
 * @param uptime since the machine's boot; empty if unknown
 * @param progress receives the latest progress of a running job; may drop it
 */
public record JobContext(
        StateDirectory state,
        ResticProgram program,
        Programs programs,
        ResticEnvironment environment,
        CredentialStore credentials,
        KnownRepositories known,
        Journal journal,
        JobLogs logs,
        Results results,
        SnapshotLists snapshots,
        ServerAnswers server,
        RunIds runIds,
        Retries retries,
        PathLooks paths,
        SourceHistory history,
        Restores restores,
        PolicyFile policy,
        Threads threads,
        Limits limits,
        InstantSource clock,
        LongSupplier nanos,
        Supplier<Optional<Duration>> uptime,
        Consumer<ToServer.JobProgress> progress) {

    /**
     * How long ago something began that outlives this process, such as a job. By the wall clock, as a monotonic one cannot
     * be stored: if the clock was set meanwhile, it is too long or too short, but never negative, and never longer than the
     * machine has run. So a machine that starts with a wrong clock and corrects it does not stop its jobs.
     */
    Duration since(Instant start) {
        var passed = Duration.between(start, clock.instant());
        if (passed.isNegative()) {
            return Duration.ZERO;
        }
        return uptime.get().filter(longest -> longest.compareTo(passed) < 0).orElse(passed);
    }
}
