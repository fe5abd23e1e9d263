package io.resticfleet.agent.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;

/**
 * The output of {@code restic find --json} for one snapshot: {@code [{"matches":[…],"hits":2,"snapshot":"…"}]}, or {@code []}.
 * Read strictly: where restic cannot read a directory, it prints a sentence into the list, and ends as if all was well.
 */
final class FoundFiles {

    private FoundFiles() {}

    /** What is done with a file. */
    interface Sink {
        void accept(NodeFields node) throws ReadingFailed, IOException, InterruptedException;
    }

    /**
     * Reads it to its end.
     *
     * @return the number of files
     */
    static long read(InputStream output, String snapshotId, Sink sink)
            throws ReadingFailed, IOException, InterruptedException {
        try (var parser = Json.LENIENT.getFactory().createParser(output)) {
            expect(parser.nextToken() == JsonToken.START_ARRAY);
            long count = 0;
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                count = matches(parser, snapshotId, sink);
                parser.nextToken();
            }
            expect(parser.currentToken() == JsonToken.END_ARRAY && parser.nextToken() == null);
            return count;
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw unreadable(e);
        }
    }

    private static long matches(JsonParser parser, String snapshotId, Sink sink)
            throws ReadingFailed, IOException, InterruptedException {
        long count = 0;
        boolean complete = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            var value = parser.nextToken();
            switch (field) {
                case "matches" -> {
                    expect(value == JsonToken.START_ARRAY);
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        sink.accept(NodeFields.read(parser));
                        count++;
                    }
                    expect(parser.currentToken() == JsonToken.END_ARRAY);
                }
                case "hits" -> complete = parser.getLongValue() == count;
                case "snapshot" -> expect(parser.getText().equals(snapshotId));
                default -> parser.skipChildren();
            }
        }
        expect(complete && parser.currentToken() == JsonToken.END_OBJECT);
        return count;
    }

    private static void expect(boolean so) throws ReadingFailed {
        if (!so) {
            throw unreadable(new IllegalArgumentException("restic's list has another form"));
        }
    }

    private static ReadingFailed unreadable(Exception e) {
        var failed = new ReadingFailed(
                ErrorCode.DAMAGED,
                "restic's list of the snapshot's files is broken off, as when one of its directories cannot be read from the"
                        + " repository; run a check");
        failed.initCause(e);
        return failed;
    }
}
