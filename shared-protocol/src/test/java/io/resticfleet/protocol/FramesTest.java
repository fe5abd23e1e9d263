package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames of peers of other versions, read by this version. In {@code frames}, one frame a line:
 *
 * <ul>
 *   <li>{@code before.jsonl}: in the shapes of before the first release
 *   <li>{@code 0.1.0.jsonl}: every message of that version, with and without each component that may be absent. Recorded by
 *       {@code mvn -pl shared-protocol test -Dtest=FramesTest -Dframes.write=true}, which adds and never changes; a version
 *       that was released is not added to: start the next one's file
 *   <li>{@code tomorrow.jsonl}: of an imaginary newer version, with unknown fields and messages
 * </ul>
 */
class FramesTest {

    private static final Path FRAMES = Path.of("src/test/resources/frames");
    private static final String NOW = "0.1.0.jsonl";
    private static final JsonMapper JSON = new JsonMapper();

    /** A line of a file: the direction and the message. {@code error} is sent in both. */
    record Frame(boolean toAgent, ObjectNode json) {
        Object read() throws Wire.UnreadableMessage {
            return toAgent ? Wire.decodeToAgent(json.toString()) : Wire.decodeToServer(json.toString());
        }
    }

    static Stream<Frame> recordedFrames() {
        return Stream.of("before.jsonl", NOW).flatMap(FramesTest::frames);
    }

    @ParameterizedTest
    @MethodSource("recordedFrames")
    void every_recorded_frame_is_readable_and_nothing_in_it_is_lost(Frame frame) throws Exception {
        var understood = frame.read();

        assertThat(missing(frame.json(), again(understood)))
                .as("lost of %s", frame.json())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("recordedFrames")
    void fields_of_tomorrow_change_nothing_anywhere_in_it(Frame frame) throws Exception {
        var newer = frame.json().deepCopy();
        addUnknownFields(newer);

        assertThat(new Frame(frame.toAgent(), newer).read()).isEqualTo(frame.read());
    }

    @Test
    void every_message_is_recorded_with_and_without_each_part_that_may_be_absent() throws Exception {
        if (Boolean.getBoolean("frames.write")) {
            writeDown();
        }
        var recorded =
                frames(NOW).map(frame -> line(frame.toAgent(), frame.json())).toList();

        assertThat(recorded)
                .as("frames/%s; add to it with -Dframes.write=true", NOW)
                .containsAll(today());
    }

    @Test
    void words_of_tomorrow_are_taken_for_the_nearest_known_so_that_no_result_is_lost() throws Exception {
        var read = frames("tomorrow.jsonl")
                .filter(frame -> known(frame))
                .map(FramesTest::readable)
                .toList();

        assertThat(read).hasSize(4);
        assertThat(((ToServer.JobStarted) read.get(0)).trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(((ToServer.JobFinished) read.get(1)).status()).isEqualTo(JobStatus.FAILED);
        assertThat(((ToServer.JobFinished) read.get(1)).errorCode())
                .contains(new ErrorCode.Reported("code_of_tomorrow"));
        assertThat(((ToServer.ScheduleFire) read.get(2)).trigger()).contains(JobTrigger.AUTO);
        assertThat(((ToAgent.CommandRun) read.get(3)).trigger()).isEqualTo(JobTrigger.AUTO);
    }

    @Test
    void messages_of_tomorrow_and_work_we_cannot_do_are_refused_whole() {
        var refused = frames("tomorrow.jsonl").filter(frame -> !known(frame)).toList();

        assertThat(refused)
                .hasSize(5)
                .allSatisfy(frame -> assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, frame::read))
                        .as(frame.json().toString())
                        .isNotNull());
    }

    @Test
    void words_that_no_version_knows_stay_wrong_where_people_type_them() {
        var strict = Wire.builder().build();

        assertThat(catchThrowableOfType(
                        com.fasterxml.jackson.core.JsonProcessingException.class,
                        () -> strict.readValue("\"frobnicated\"", JobStatus.class)))
                .isNotNull();
    }

    /** Whether this version can use it: marked in the file, and taken out of the frame when it is read. */
    private static boolean known(Frame frame) {
        return frame.json().path("understood").asBoolean();
    }

    private static Object readable(Frame frame) {
        try {
            return frame.read();
        } catch (Wire.UnreadableMessage e) {
            throw new AssertionError(frame.json().toString(), e);
        }
    }

    private static Stream<Frame> frames(String file) {
        try {
            return Files.readAllLines(FRAMES.resolve(file)).stream()
                    .filter(line -> !line.isBlank())
                    .map(FramesTest::frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code > } goes to the agent, {@code < } to the server. */
    private static Frame frame(String line) {
        try {
            return new Frame(line.startsWith("> "), (ObjectNode) JSON.readTree(line.substring(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    private static String line(boolean toAgent, JsonNode json) {
        return (toAgent ? "> " : "< ") + json;
    }

    /** The examples, each also without one part after the other that may be absent. */
    private static Set<String> today() {
        var lines = new LinkedHashSet<String>();
        WireExamples.frames().forEach(example -> {
            var message = example.get()[0];
            var json = frame("> " + example.get()[1]).json();
            lines.add(line(message instanceof ToAgent, json));
            WireFields.optional(message).forEach(field -> {
                var without = json.deepCopy();
                without.remove(field);
                lines.add(line(message instanceof ToAgent, without));
            });
        });
        return lines;
    }

    private static void writeDown() throws IOException {
        var file = FRAMES.resolve(NOW);
        var lines = new LinkedHashSet<String>();
        if (Files.exists(file)) {
            lines.addAll(Files.readAllLines(file));
        }
        lines.addAll(today());
        Files.write(file, lines);
    }

    private static ObjectNode again(Object message) throws IOException {
        var text = message instanceof ToAgent toAgent ? Wire.encode(toAgent) : Wire.encode((ToServer) message);
        return (ObjectNode) JSON.readTree(text);
    }

    /** Places where a value is missing or differs. */
    private static List<String> missing(JsonNode json, JsonNode understood) {
        var missing = new ArrayList<String>();
        if (json.isObject()) {
            json.properties()
                    .forEach(field -> missing(field.getValue(), understood.path(field.getKey()))
                            .forEach(inside -> missing.add(field.getKey() + "." + inside)));
        } else if (json.isArray() && json.size() == understood.size()) {
            for (int i = 0; i < json.size(); i++) {
                missing.addAll(missing(json.get(i), understood.get(i)));
            }
        } else if (!json.equals(understood)) {
            missing.add(json + " became " + understood);
        }
        return missing;
    }

    private static void addUnknownFields(JsonNode node) {
        node.properties().forEach(field -> {
            if (!field.getKey().equals("env")) { // its names are not fields of a message
                addUnknownFields(field.getValue());
            }
        });
        if (node.isArray()) {
            node.forEach(FramesTest::addUnknownFields);
        }
        if (node instanceof ObjectNode object) {
            object.put("said_since", "1.7")
                    .putObject("details")
                    .putArray("depth")
                    .add(2);
        }
    }
}
