package io.resticfleet.agent.reading;

import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Answers questions about what is in snapshots. Safe for use by many threads. */
public final class SnapshotAnswers {

    private final RepositoryAccess repositories;
    private final ResticReaders readers;
    private final SnapshotTrees trees;
    private final Uploads uploads;
    private final Threads threads;

    public SnapshotAnswers(
            RepositoryAccess repositories,
            ResticReaders readers,
            SnapshotTrees trees,
            Uploads uploads,
            Threads threads) {
        this.repositories = repositories;
        this.readers = readers;
        this.trees = trees;
        this.uploads = uploads;
        this.threads = threads;
    }

    private interface Work {
        Reply run() throws ReadingFailed, IOException, InterruptedException;
    }

    /** @param over true once the answer is not needed any more */
    public Reply folder(Ask.Folder question, BooleanSupplier over) {
        return answered(() -> {
            try (var reader = claim(ResticReaders.Kind.FOLDER)) {
                return new FolderListing(reader, repositories.open(question.repositoryId()), trees, uploads)
                        .send(question, orStopping(over));
            }
        });
    }

    /** @param over true once the answer is not needed any more */
    public Reply dump(Ask.Dump question, BooleanSupplier over) {
        return answered(() -> {
            var policy = repositories.allowed();
            if (!policy.reading().allowsDownload()) {
                throw new ReadingFailed(
                        "download_off",
                        "this machine's owner does not allow downloads (download in " + policy.file() + ")");
            }
            var reader = claim(ResticReaders.Kind.DUMP);
            var dump = new Dump(question, reader, uploads, threads, readers::isClosed);
            try {
                return dump.start(repositories.open(question.repositoryId()), orStopping(over));
            } finally {
                dump.closeUnlessStarted();
            }
        });
    }

    private BooleanSupplier orStopping(BooleanSupplier over) {
        return () -> over.getAsBoolean() || readers.isClosed();
    }

    private ResticReaders.Reader claim(ResticReaders.Kind kind) throws ReadingFailed {
        return readers.claim(kind)
                .orElseThrow(
                        () -> new ReadingFailed("busy", "the agent is reading other files of snapshots; try again"));
    }

    private Reply answered(Work work) {
        try {
            return work.run();
        } catch (ReadingFailed e) {
            return repositories.withoutSecrets(e).reply();
        } catch (UploadFailed e) {
            return repositories
                    .withoutSecrets(new ReadingFailed("transfer_failed", e.getMessage()))
                    .reply();
        } catch (IOException e) {
            return repositories
                    .withoutSecrets(new ReadingFailed("failed", String.valueOf(e.getMessage())))
                    .reply();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Failure("failed", "the agent is stopping");
        }
    }
}
