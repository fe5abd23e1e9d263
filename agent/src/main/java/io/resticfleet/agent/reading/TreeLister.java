package io.resticfleet.agent.reading;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.listing.ListingHeader;
import io.resticfleet.protocol.listing.ListingWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Lists all files of a snapshot, of which only one is in memory at a time. */
final class TreeLister {

    private static final char REPLACEMENT = '\ufffd';

    private final ResticReaders.Reader reader;
    private final Repository repository;
    private final String snapshotId;
    private final BooleanSupplier over;

    /** @param over true once the list is not needed any more */
    TreeLister(ResticReaders.Reader reader, Repository repository, String snapshotId, BooleanSupplier over) {
        this.reader = reader;
        this.repository = repository;
        this.snapshotId = snapshotId;
        this.over = over;
    }

    /** Opens the request that the listing is sent with. */
    interface Opener {
        Upload open();
    }

    /**
     * Sends the listing, once restic has begun to print it, which can take minutes.
     *
     * @param root restic's id of the snapshot's root directory
     * @return the number of files
     */
    long send(String root, Opener opener) throws ReadingFailed, IOException, InterruptedException {
        return reader.run(repository, ResticCommand.files(snapshotId), over, run -> {
            var output = new PushbackInputStream(run.output());
            int first = output.read();
            if (first < 0) {
                run.end();
                throw new ReadingFailed("failed", "restic has printed no list");
            }
            output.unread(first);
            var header = new ListingHeader(snapshotId, root);
            try (var upload = opener.open();
                    var writer = new ListingWriter(upload, header)) {
                long count = copy(run, output, writer);
                writer.end();
                upload.finish();
                return count;
            }
        });
    }

    private long copy(PipedRun run, InputStream output, ListingWriter writer)
            throws ReadingFailed, IOException, InterruptedException {
        try (var names = new Names()) {
            long count = FoundFiles.read(output, snapshotId, node -> {
                var path = node.path();
                int slash = path.lastIndexOf('/');
                writer.write(node.node(depth(path), names.name(path, slash)));
            });
            var messages = run.end();
            if (count == 0 && !messages.isBlank()) {
                throw new ReadingFailed(ErrorCode.SNAPSHOT_NOT_FOUND, ErrorCode.SNAPSHOT_NOT_FOUND.meaning());
            }
            return count;
        } catch (ReadingFailed e) {
            if (e.code().equals(ErrorCode.DAMAGED.word())) {
                run.end(); // it may have failed, and know better why
            }
            throw e;
        }
    }

    private static int depth(String path) {
        int depth = 0;
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '/') {
                depth++;
            }
        }
        return depth;
    }

    /** The last names of the paths, one after the other. From the first that is not readable on, another restic lists them. */
    private final class Names implements AutoCloseable {
        private Optional<PipedRun> run = Optional.empty();
        private Optional<RawPaths> paths = Optional.empty();
        private long line;

        RawText name(String path, int slash) throws ReadingFailed, IOException {
            long begin = line;
            line += 1 + RawPaths.newlines(path);
            if (path.indexOf(REPLACEMENT, slash) < 0) {
                return RawText.of(path.substring(slash + 1));
            }
            if (run.isEmpty()) {
                run = Optional.of(reader.start(repository, ResticCommand.paths(snapshotId), Optional.empty(), over));
                paths = Optional.of(new RawPaths(run.get().output()));
            }
            return paths.orElseThrow().name(begin, path);
        }

        @Override
        public void close() {
            run.ifPresent(reader::end);
        }
    }
}
