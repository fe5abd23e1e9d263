package io.resticfleet.server;

import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Frames of every message of an agent, each with one value at a limit, past it, or of another kind. */
final class HostileFrames {

    /** Every message, as {@code FramesTest} recorded it. */
    private static final Path RECORDED = Path.of("../shared-protocol/src/test/resources/frames/0.1.0.jsonl");

    private static final JsonMapper JSON = new JsonMapper();
    private static final int HUGE = 15_000_000;

    private long sequence;

    /** Passes on one frame at a time, as some have 15 MB. */
    void forEach(Consumer<String> frames) throws IOException {
        var recorded = recorded();
        kinds(ToServer.class)
                .map(kind -> kind.getAnnotation(JsonTypeName.class).value())
                .map(type -> Optional.ofNullable(recorded.get(type)).orElseThrow(() -> new AssertionError(type)))
                .forEach(frame -> attack(frame, frames));
    }

    private static Stream<Class<?>> kinds(Class<?> messages) {
        return Stream.of(messages.getPermittedSubclasses())
                .flatMap(kind -> kind.isSealed() ? kinds(kind) : Stream.of(kind))
                .filter(kind -> kind.isAnnotationPresent(JsonTypeName.class));
    }

    /** The longest frame of each type. */
    private static Map<String, ObjectNode> recorded() throws IOException {
        var longest = new HashMap<String, ObjectNode>();
        for (var line : Files.readAllLines(RECORDED)) {
            if (line.startsWith("< ") && JSON.readTree(line.substring(2)) instanceof ObjectNode frame) {
                longest.merge(
                        frame.path("type").asText(),
                        frame,
                        (one, other) ->
                                one.toString().length() < other.toString().length() ? other : one);
            }
        }
        return longest;
    }

    private void attack(ObjectNode frame, Consumer<String> frames) {
        values(frame, JsonPointer.empty())
                .forEach(at -> replacements(frame.at(at)).forEach(value -> frames.accept(with(frame, at, value))));
        values(frame, JsonPointer.empty())
                .filter(at -> frame.at(at).isArray() || at.matchesProperty("error"))
                .findFirst()
                .map(at -> with(frame, at, frame.at(at).isArray() ? list(frame.at(at), HUGE) : text(HUGE)))
                .ifPresent(frames);
    }

    /** Where there is a value that is no object. */
    private static Stream<JsonPointer> values(JsonNode node, JsonPointer at) {
        if (node instanceof ObjectNode object) {
            return object.properties().stream()
                    .flatMap(field -> values(field.getValue(), at.appendProperty(field.getKey())));
        } else if (node instanceof ArrayNode array) {
            return Stream.concat(
                    Stream.of(at),
                    IntStream.range(0, array.size())
                            .boxed()
                            .flatMap(index -> values(array.get(index), at.appendIndex(index))));
        }
        return Stream.of(at);
    }

    private static Stream<String> replacements(JsonNode value) {
        if (value.isTextual()) {
            return Stream.of(
                    text(257),
                    text(4_096),
                    text(16_385),
                    text(100_000),
                    "\"\\u0000\\ud800\"",
                    "\"+292277026596-12-04T15:30:07Z\"",
                    "null");
        } else if (value.isNumber()) {
            return Stream.of(
                    "9223372036854775807", "-9223372036854775808", "9".repeat(100_000), "1e400", "\"NaN\"", "-1");
        } else if (value.isArray()) {
            return Stream.of(list(value, 1), list(value, 100_000), "[".repeat(100_000), "{}");
        }
        return Stream.of(text(100_000), "null");
    }

    private static String text(int length) {
        return "\"" + "x".repeat(length) + "\"";
    }

    /** More items than any limit allows, or this many characters. */
    private static String list(JsonNode list, int length) {
        var item = (list.isEmpty() ? "\"a\"" : list.get(0).toString()) + ",";
        var items = item.repeat(Math.max(1_001, length / item.length()));
        return "[" + items.substring(0, items.length() - 1) + "]";
    }

    /** As of another job. */
    private String with(ObjectNode recorded, JsonPointer at, String value) {
        var frame = recorded.deepCopy();
        if (frame.has("sequence")) {
            sequence++;
            frame.put("sequence", sequence);
        }
        if (frame.has("job_id")) {
            frame.put("job_id", UlidCreator.getMonotonicUlid().toString());
        }
        var holder = frame.at(at.head());
        if (holder instanceof ObjectNode object) {
            object.put(at.last().getMatchingProperty(), "@");
        } else if (holder instanceof ArrayNode array) {
            array.set(at.last().getMatchingIndex(), "@");
        }
        return frame.toString().replace("\"@\"", value);
    }
}
