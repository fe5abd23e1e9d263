package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {

    @ParameterizedTest
    @MethodSource("io.resticfleet.protocol.WireExamples#frames")
    void a_message_is_exactly_this_frame_and_comes_back_the_same(Object message, String frame) throws Exception {
        if (message instanceof ToAgent toAgent) {
            assertThat(Wire.encode(toAgent)).isEqualTo(frame);
            assertThat(Wire.decodeToAgent(frame)).isEqualTo(message);
        } else {
            assertThat(Wire.encode((ToServer) message)).isEqualTo(frame);
            assertThat(Wire.decodeToServer(frame)).isEqualTo(message);
        }
    }

    @Test
    void an_end_reported_without_a_code_has_none() throws Exception {
        var older = object(WireExamples.LOCKED_OUT_JSON.replace('\'', '"'));
        older.remove("error_code");

        var end = (ToServer.JobFinished) Wire.decodeToServer(older.toString());

        assertThat(end.errorCode()).isEmpty();
        assertThat(end.error()).isEqualTo(WireExamples.LOCKED_OUT.error());
    }

    @Test
    void every_message_there_is_has_an_example_here() {
        List<Class<?>> messages = Stream.of(ToAgent.class, ToServer.class)
                .flatMap(direction -> Wire.sent(direction).stream())
                .toList();

        assertThat(WireExamples.frames()
                        .<Class<?>>map(example -> example.get()[0].getClass())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(messages);
    }

    @Test
    void no_two_messages_of_a_direction_have_the_same_name() {
        for (var direction : List.of(ToAgent.class, ToServer.class)) {
            assertThat(Wire.sent(direction))
                    .extracting(kind -> kind.getAnnotation(JsonTypeName.class).value())
                    .doesNotHaveDuplicates()
                    .allMatch(name -> name.matches("[a-z]+(\\.[a-z]+)?"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.resticfleet.protocol.WireExamples#frames")
    void further_fields_of_a_newer_peer_are_ignored(Object message, String frame) throws Exception {
        var newer = object(frame);
        newer.put("said_since", "1.7").putObject("details").put("depth", 2);
        newer.forEach(field -> {
            if (field instanceof ObjectNode nested) {
                nested.put("said_since", "1.7");
            }
        });

        assertThat(decode(message, newer.toString())).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("io.resticfleet.protocol.WireExamples#frames")
    void a_frame_without_something_that_must_be_there_is_refused(Object message, String frame) {
        var optional = WireFields.optional(message);

        object(frame).fieldNames().forEachRemaining(field -> {
            if (!optional.contains(field)) {
                var without = object(frame);
                without.remove(field);
                assertThat(refusal(message, without.toString()))
                        .as("without %s", field)
                        .isNotNull();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("io.resticfleet.protocol.WireExamples#frames")
    void null_is_refused_wherever_a_value_must_be(Object message, String frame) {
        for (var field : WireFields.required(message)) {
            var withNull = object(frame);
            withNull.putNull(field);
            assertThat(refusal(message, withNull.toString()))
                    .as("null %s", field)
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"type":"schedule.frobnicate","version":3}             > the type 'schedule.frobnicate' is not known
            {"type":"schedule.set","version":3,"schedules":[]}     > the type 'schedule.set' is not known
            {"version":3}                                          > the frame has no type
            {"type":null,"version":3}                              > the frame has no type
            null                                                   > the frame is null
            {"type":"schedule.ack","version":3} {}                 > the frame is not one JSON object
            {"type":"schedule.ack","version":3}]                   > the frame is not one JSON object
            {"type":"schedule.ack","version":3                     > the frame is not one JSON object
            hello                                                  > the frame is not one JSON object
            {"type":"schedule.ack"}                                > version is missing or not a long
            {"type":"schedule.ack","version":null}                 > version is missing or not a long
            {"type":"schedule.ack","version":"hunter2"}            > version is missing or not a long
            {"type":"schedule.ack","version":3.5}                  > version is missing or not a long
            {"type":"log.stream","job_id":"01J00000000000000000000001","sequence":1,"lines":[null]} > lines[0] is missing or not a LogLine
            {"type":"heartbeat","wall_clock":"hunter2"}            > wall_clock is missing or not a Instant
            {"type":"log.stream","job_id":"hunter2","sequence":1,"lines":[]} > job_id is not a ULID
            {"type":"log.stream","job_id":"01J00000000000000000000001","sequence":1,"lines":[{"line":1,"at":"2026-01-01T00:00:00Z","stream":"x","text":"\\ud800"}]} > lines[0].text is not well-formed Unicode
            {"type":"log.stream","job_id":7,"sequence":1,"lines":[]} > job_id is missing or not a JobId
            {"type":"log.stream","job_id":null,"sequence":1,"lines":[]} > job_id is missing or not a JobId
            {"type":"log.stream","job_id":"01J00000000000000000000001","sequence":1,"lines":[{"line":1,"at":7,"stream":{},"text":"hunter2"}]} > lines[0].stream is missing or not a String
            """)
    void a_frame_that_cannot_be_used_is_refused_in_words_without_values(String frame, String words) {
        assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToServer(frame)))
                .hasMessage(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"type":"job.finished","sequence":8,"job_id":"hunter2"} > 8
            {"type":"job.missed","sequence":9,"job_id":"01J00000000000000000000001","schedule_id":"hunter2"} > 9
            {"type":"job.finished","sequence":8}                    > 8
            {"type":"job.finished","sequence":8,"error":"\\udc00"}   > 8
            {"type":"job.finished","sequence":8,"job_id":"01J00000000000000000000001","kind":"check","trigger":"cron","finished_at":"+292277026-01-01T00:00:00Z","status":"failed","stats":{}} > 8
            {"type":"job.finished","sequence":8,"job_id":"01J00000000000000000000001","kind":"check","trigger":"cron","finished_at":"+1000000000-12-31T23:59:59Z","status":"failed","stats":{}} > 8
            {"type":"job.started","sequence":8,"job_id":"01J00000000000000000000001","kind":"frobnicate"} > 8
            {"type":"job.finished","sequence":8,"exit_code":99999999999999999999999} > 8
            {"type":"job.finished","sequence":8,"stats":{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ > 8
            {"type":"job.finished","sequence":"8","job_id":"x"}     >
            {"type":"job.finished","job_id":"x","sequence":9223372036854775808} >
            {"type":"job.finished","job_id":"x","sequence":1e2}     >
            {"type":"log.stream","sequence":8,"job_id":"hunter2"}   >
            """)
    void a_result_that_can_never_be_stored_can_still_be_acknowledged(String frame, Long sequence) {
        assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToServer(frame))
                        .result()
                        .map(ToServer.Unstorable::sequence))
                .isEqualTo(Optional.ofNullable(sequence));
    }

    @Test
    void a_frame_cannot_stand_for_a_result_by_itself() {
        assertThat(catchThrowableOfType(
                        Wire.UnreadableMessage.class,
                        () -> Wire.decodeToServer("{\"type\":\"ToServer$Unstorable\",\"sequence\":8}")))
                .hasMessage("the type 'ToServer$Unstorable' is not known");
    }

    @Test
    void a_schedule_as_answered_can_be_sent_back_to_a_reader_that_refuses_unknown_fields() throws Exception {
        var strict = Wire.builder().build();

        assertThat(strict.readValue(strict.writeValueAsString(WireExamples.NIGHTLY), Schedule.class))
                .isEqualTo(WireExamples.NIGHTLY);
    }

    @Test
    void an_empty_frame_is_refused() {
        assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToServer("")))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"type":"config.update","hostname":"h","repository":{"url":"rest:ftp://u:hunter2@nas/","repo_password":"hunter2"},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":["hunter2"]},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x"},"repository_known":"hunter2"}
            {"type":"config.update","hostname":"h","repository":"hunter2","repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":hunter2},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x","username":{"hunter2":1}},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x\\qhunter2"},"repository_known":true}
            """)
    void a_refusal_never_repeats_a_secret(String frame) {
        var refusal = catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToAgent(frame));

        assertThat(refusal).isNotNull();
        assertThat(refusal.getMessage()).doesNotContain("hunter2");
        assertThat(refusal.getCause()).isNull();
    }

    @Test
    void an_unknown_type_is_repeated_in_part_only() {
        var refusal = catchThrowableOfType(
                Wire.UnreadableMessage.class, () -> Wire.decodeToServer("{\"type\":\"" + "x".repeat(10_000) + "\"}"));

        assertThat(refusal.getMessage()).hasSizeLessThan(200);
    }

    private static ObjectNode object(String frame) {
        try {
            JsonNode node = new JsonMapper().readTree(frame);
            return (ObjectNode) node;
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Object decode(Object message, String frame) throws Wire.UnreadableMessage {
        return message instanceof ToAgent ? Wire.decodeToAgent(frame) : Wire.decodeToServer(frame);
    }

    private static Wire.UnreadableMessage refusal(Object message, String frame) {
        return catchThrowableOfType(Wire.UnreadableMessage.class, () -> decode(message, frame));
    }
}
