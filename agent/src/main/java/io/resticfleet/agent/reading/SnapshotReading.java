package io.resticfleet.agent.reading;

import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.ToServer;
import java.util.function.Predicate;

/**
 * All that reads snapshots for the server.
 *
 * @param lane lists all files
 * @param answers answers questions
 */
public record SnapshotReading(ResticReaders readers, TreeLane lane, SnapshotAnswers answers) implements AutoCloseable {

    /**
     * @param environment that of the jobs
     * @param send sends a message on the present connection; false if there is none
     */
    public static SnapshotReading of(
            RepositoryAccess repositories,
            ResticProgram program,
            ResticEnvironment environment,
            Uploads uploads,
            Threads threads,
            Predicate<ToServer> send) {
        var readers = new ResticReaders(program, environment, threads);
        var trees = new SnapshotTrees();
        return new SnapshotReading(
                readers,
                new TreeLane(repositories, readers, trees, uploads, threads, send),
                new SnapshotAnswers(repositories, readers, trees, uploads, threads));
    }

    /** Ends every restic that reads. */
    @Override
    public void close() {
        readers.close();
    }
}
