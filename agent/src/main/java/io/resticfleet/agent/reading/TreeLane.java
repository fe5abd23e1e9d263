package io.resticfleet.agent.reading;

import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Lists snapshots for the server's index, one at a time, beside the jobs and with a lower priority. A list is dropped when
 * the connection ends, as the server then asks again.
 *
 * <p>Safe for use by many threads; no method waits for a list.
 */
public final class TreeLane {

    private static final System.Logger log = System.getLogger(TreeLane.class.getName());

    private final RepositoryAccess repositories;
    private final ResticReaders readers;
    private final SnapshotTrees trees;
    private final Uploads uploads;
    private final Threads threads;
    private final Predicate<ToServer> send;

    /** Raised by each end of a connection. */
    private long connection;

    /** @param send sends a message on the present connection; false if there is none */
    public TreeLane(
            RepositoryAccess repositories,
            ResticReaders readers,
            SnapshotTrees trees,
            Uploads uploads,
            Threads threads,
            Predicate<ToServer> send) {
        this.repositories = repositories;
        this.readers = readers;
        this.trees = trees;
        this.uploads = uploads;
        this.threads = threads;
        this.send = send;
    }

    /** Starts a list, or refuses it. */
    public synchronized void wanted(ToAgent.TreeWanted wanted) {
        long mine = connection;
        BooleanSupplier over = () -> isOver(mine);
        var reader =
                refusal().isPresent() ? Optional.<ResticReaders.Reader>empty() : readers.claim(ResticReaders.Kind.TREE);
        if (reader.isPresent()) {
            threads.start("tree", () -> work(wanted, reader.get(), over));
        } else {
            var why =
                    refusal().orElseGet(() -> new ReadingFailed("busy", "the agent is still listing another snapshot"));
            send.test(new ToServer.TreeFailed(wanted.request(), why.code(), why.getMessage()));
        }
    }

    /** Drops the list, as it belongs to the connection that ended. */
    public synchronized void disconnected() {
        connection++;
    }

    private synchronized boolean isOver(long of) {
        return of != connection || readers.isClosed();
    }

    private Optional<ReadingFailed> refusal() {
        var policy = repositories.allowed();
        if (policy.questions().equals(Optional.of(OnOff.OFF))) {
            return Optional.of(new ReadingFailed(
                    "questions_off",
                    "this machine's owner does not allow questions (questions in " + policy.file() + ")"));
        }
        return policy.reading().allowsIndex()
                ? Optional.empty()
                : Optional.of(new ReadingFailed(
                        "index_off",
                        "this machine's owner does not allow an index of its snapshots (index in " + policy.file()
                                + ")"));
    }

    private void work(ToAgent.TreeWanted wanted, ResticReaders.Reader reader, BooleanSupplier over) {
        try (reader) {
            list(wanted, reader, over);
        } catch (ReadingFailed e) {
            failed(wanted, e, over);
        } catch (UploadFailed e) {
            failed(wanted, new ReadingFailed("transfer_failed", e.getMessage()), over);
        } catch (IOException | RuntimeException e) {
            log.log(over.getAsBoolean() ? Level.DEBUG : Level.WARNING, "a snapshot could not be listed", e);
            failed(wanted, new ReadingFailed("failed", String.valueOf(e.getMessage())), over);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void list(ToAgent.TreeWanted wanted, ResticReaders.Reader reader, BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        var repository = repositories.open(wanted.repositoryId());
        var root = trees.root(reader, repository, wanted.snapshotId(), over);
        long count = new TreeLister(reader, repository, wanted.snapshotId(), over)
                .send(root, () -> uploads.open(wanted.transfer(), over));
        log.log(Level.INFO, "listed a snapshot id=" + wanted.snapshotId() + " files=" + count);
    }

    private void failed(ToAgent.TreeWanted wanted, ReadingFailed why, BooleanSupplier over) {
        if (!over.getAsBoolean()) {
            var told = repositories.withoutSecrets(why);
            log.log(
                    Level.WARNING,
                    "a snapshot could not be listed id=" + wanted.snapshotId() + " code=" + told.code() + ": "
                            + told.getMessage());
            send.test(new ToServer.TreeFailed(wanted.request(), told.code(), told.getMessage()));
        }
    }
}
