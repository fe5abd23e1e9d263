package io.resticfleet.agent.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.SnapshotPath;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * restic's directories, by their ids. Each read starts a restic, so that the ids on the way to the last directories are
 * kept. Safe for use by many threads.
 */
public final class SnapshotTrees {

    private static final int MAX_KNOWN = 4_096;

    private static final String ID = "[0-9a-f]{64}";

    private final Map<Object, String> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, String> eldest) {
            return size() > MAX_KNOWN;
        }
    };

    /** A directory in another one. */
    private record Below(String tree, RawText name) {}

    /** A snapshot of a repository. */
    private record Root(String repository, String snapshotId) {}

    /** What is done with a file in a directory. */
    interface Sink {
        void accept(NodeFields node) throws IOException;
    }

    /** The id of a snapshot's root directory. */
    String root(ResticReaders.Reader reader, Repository repository, String snapshotId, BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        var key = new Root(repository.url().toString(), snapshotId);
        var before = find(key);
        if (before.isPresent()) {
            return before.get();
        }
        var tree = reader.run(
                repository, ResticCommand.snapshot(snapshotId), over, run -> parsed(run, SnapshotTrees::tree));
        keep(key, tree);
        return tree;
    }

    /** The id of a directory of a snapshot. */
    String find(
            ResticReaders.Reader reader,
            Repository repository,
            String snapshotId,
            SnapshotPath path,
            BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        var tree = root(reader, repository, snapshotId, over);
        for (var name : path.names()) {
            var next = find(new Below(tree, name));
            tree = next.isPresent() ? next.get() : look(reader, repository, tree, name, over);
        }
        return tree;
    }

    private String look(
            ResticReaders.Reader reader, Repository repository, String tree, RawText name, BooleanSupplier over)
            throws ReadingFailed, IOException, InterruptedException {
        var found = new ArrayList<NodeFields>();
        read(reader, repository, tree, over, node -> {
            if (node.name().equals(name)) {
                found.add(node);
            }
        });
        if (found.isEmpty()) {
            throw new ReadingFailed("no_such_file", "there is no such directory in the snapshot");
        }
        return found.get(0)
                .subtree()
                .orElseThrow(() -> new ReadingFailed("not_a_directory", "it is not a directory in the snapshot"));
    }

    /**
     * Reads a directory.
     *
     * @return the number of files and directories directly in it
     */
    long read(ResticReaders.Reader reader, Repository repository, String tree, BooleanSupplier over, Sink sink)
            throws ReadingFailed, IOException, InterruptedException {
        return reader.run(
                repository, ResticCommand.blob(tree), over, run -> parsed(run, parser -> nodes(parser, tree, sink)));
    }

    private interface Parsing<T> {
        T of(JsonParser parser) throws IOException;
    }

    private static <T> T parsed(PipedRun run, Parsing<T> parsing)
            throws ReadingFailed, IOException, InterruptedException {
        try (var parser = Json.LENIENT.getFactory().createParser(run.output())) {
            expect(parser.nextToken() == JsonToken.START_OBJECT);
            var result = parsing.of(parser);
            expect(parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
            run.end();
            return result;
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            run.end(); // it may have failed, and know why
            throw unreadable(e);
        }
    }

    private static String tree(JsonParser parser) throws IOException {
        var tree = Optional.<String>empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean is = parser.currentName().equals("tree");
            if (parser.nextToken() == JsonToken.VALUE_STRING && is) {
                tree = Optional.of(check(parser.getText()));
            }
            parser.skipChildren();
        }
        return tree.orElseThrow(() -> new IllegalArgumentException("a snapshot has no directory"));
    }

    private long nodes(JsonParser parser, String tree, Sink sink) throws IOException {
        long count = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean nodes = parser.currentName().equals("nodes");
            if (parser.nextToken() == JsonToken.START_ARRAY && nodes) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    var node = NodeFields.read(parser);
                    node.subtree().ifPresent(id -> keep(new Below(tree, node.name()), check(id)));
                    sink.accept(node);
                    count++;
                }
                expect(parser.currentToken() == JsonToken.END_ARRAY);
            } else {
                parser.skipChildren();
            }
        }
        return count;
    }

    private synchronized Optional<String> find(Object key) {
        return Optional.ofNullable(known.get(key));
    }

    private synchronized void keep(Object key, String tree) {
        known.put(key, tree);
    }

    private static String check(String id) {
        expect(id.matches(ID));
        return id;
    }

    private static void expect(boolean so) {
        if (!so) {
            throw new IllegalArgumentException("a directory of restic has another form");
        }
    }

    private static ReadingFailed unreadable(Exception e) {
        var failed = new ReadingFailed(
                ErrorCode.DAMAGED, "restic cannot read a directory of the snapshot from the repository; run a check");
        failed.initCause(e);
        return failed;
    }
}
