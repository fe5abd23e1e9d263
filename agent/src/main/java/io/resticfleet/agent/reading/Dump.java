package io.resticfleet.agent.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.NodeType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Sends the content of a file, or an archive of a directory. Started by the thread that answers the question; from the
 * first byte on, a thread of its own goes on until all is sent, or the server takes no more.
 */
final class Dump {

    private static final System.Logger log = System.getLogger(Dump.class.getName());

    private static final int BUFFER_BYTES = 32 * 1024;

    private final Ask.Dump question;
    private final ResticReaders.Reader reader;
    private final Uploads uploads;
    private final Threads threads;
    private final BooleanSupplier stopping;
    private boolean started;

    /**
     * @param reader is closed at its end
     * @param stopping whether the agent is
     */
    Dump(Ask.Dump question, ResticReaders.Reader reader, Uploads uploads, Threads threads, BooleanSupplier stopping) {
        this.question = question;
        this.reader = reader;
        this.uploads = uploads;
        this.threads = threads;
        this.stopping = stopping;
    }

    /**
     * Returns when the first byte is there.
     *
     * @param over true once the answer is not needed any more
     */
    Reply start(Repository repository, BooleanSupplier over) throws ReadingFailed, IOException, InterruptedException {
        checkType(repository, over);
        var opening = new Opening(over);
        var run = reader.start(
                repository,
                ResticCommand.dump(question.snapshotId(), question.format()),
                Optional.of(question.file().raw()),
                opening);
        try {
            var first = run.output().readNBytes(1);
            if (first.length == 0) {
                run.end();
            }
            if (over.getAsBoolean()) {
                throw new ReadingFailed("failed", "it is not needed any more");
            }
            var upload = uploads.open(question.transfer(), stopping);
            opening.done = () -> upload.isBroken() || stopping.getAsBoolean();
            threads.start("dump", () -> send(run, upload, first));
            started = true;
            return new Reply.DumpStarted();
        } finally {
            if (!started) {
                reader.end(run);
            }
        }
    }

    /** Whether the output is not needed any more: until it is being sent, if the answer is not. */
    private static final class Opening implements BooleanSupplier {
        private volatile BooleanSupplier done;

        private Opening(BooleanSupplier over) {
            done = over;
        }

        @Override
        public boolean getAsBoolean() {
            return done.getAsBoolean();
        }
    }

    /** Gives the place free, unless the dump goes on. */
    void closeUnlessStarted() {
        if (!started) {
            reader.close();
        }
    }

    /** restic would print an archive of a directory in place of a file, and a file in place of an archive. */
    private void checkType(Repository repository, BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        boolean directory = question.file().equals(SnapshotPath.ROOT) || type(repository, over) == NodeType.DIRECTORY;
        if (directory && question.format() == DumpFormat.RAW) {
            throw new ReadingFailed("not_a_file", "it is a directory in the snapshot");
        }
        if (!directory && question.format() != DumpFormat.RAW) {
            throw new ReadingFailed("not_a_directory", "it is not a directory in the snapshot");
        }
    }

    private NodeType type(Repository repository, BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        var type = reader.run(
                repository,
                ResticCommand.describe(question.snapshotId()),
                Optional.of(question.file().raw()),
                over,
                run -> {
                    var output = new BufferedReader(new InputStreamReader(run.output(), StandardCharsets.UTF_8), 8_192);
                    for (var line = output.readLine(); line != null; line = output.readLine()) {
                        var described = node(line);
                        if (described.isPresent()) {
                            return described;
                        }
                    }
                    run.end();
                    return Optional.<NodeType>empty();
                });
        var found = type.orElseThrow(() -> new ReadingFailed("no_such_file", "there is no such file in the snapshot"));
        if (found != NodeType.FILE && found != NodeType.DIRECTORY) {
            throw new ReadingFailed("not_a_file", "it is a " + found.word() + " in the snapshot");
        }
        return found;
    }

    private static Optional<NodeType> node(String line) throws ReadingFailed {
        try {
            var json = Json.FOREIGN.readTree(line);
            return json.path("struct_type").asText().equals("node")
                    ? Optional.of(NodeType.of(json.path("type").asText()))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new ReadingFailed("failed", "restic describes the file in another form");
        }
    }

    private void send(PipedRun run, Upload upload, byte[] first) {
        try (reader;
                upload) {
            long skip = question.offset() - first.length;
            if (skip < 0) {
                upload.write(first);
            } else {
                skip(run, skip);
            }
            var buffer = new byte[BUFFER_BYTES];
            for (int read = run.output().read(buffer);
                    read >= 0;
                    read = run.output().read(buffer)) {
                upload.write(buffer, 0, read);
            }
            run.end(); // before the body ends: restic may have failed after a part of it
            upload.finish();
        } catch (UploadFailed e) {
            log.log(Level.INFO, "a download was broken off: " + e.getMessage());
        } catch (ReadingFailed | IOException | RuntimeException e) {
            log.log(upload.isBroken() ? Level.INFO : Level.WARNING, "a download failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reader.end(run);
        }
    }

    private static void skip(PipedRun run, long bytes) throws IOException, ReadingFailed {
        long left = bytes;
        var buffer = new byte[BUFFER_BYTES];
        while (left > 0) {
            int read = run.output().read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw new ReadingFailed("failed", "the file ends before the offset");
            }
            left -= read;
        }
    }
}
