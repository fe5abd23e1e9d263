package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.ser.InstantSerializer;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Encodes messages as text frames and decodes them: one flat JSON object per frame, snake_case, {@code type} first. */
public final class Wire {

    /** Of java.time, JSON has instants only: {@code JavaTimeModule} would bring 90 KB of classes to every machine. */
    private static final SimpleModule TIMES = new SimpleModule("times")
            .addSerializer(Instant.class, InstantSerializer.INSTANCE)
            .addDeserializer(Instant.class, new CalendarTime());

    private static final JsonMapper JSON = builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES) // a newer peer may send fields unknown here
            .addHandler(new UnknownEnumHandler())
            .build();

    /** A report of {@link Protocol#MAX_FRAME_BYTES} has fewer; each can take 100 bytes of the heap. */
    private static final int MAX_TOKENS = 1_000_000;

    private static final Set<String> RESULTS = sent(ToServer.Result.class).stream()
            .map(kind -> kind.getAnnotation(JsonTypeName.class).value())
            .collect(Collectors.toUnmodifiableSet());

    private static final int MAX_DEPTH = 50;
    private static final int MAX_EXCERPT = 500;

    static {
        JSON.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxTokenCount(MAX_TOKENS)
                        .maxNumberLength(100)
                        .maxStringLength(Protocol.MAX_FRAME_BYTES)
                        .build());
        // The sealed interfaces are the only list of messages; each record carries its own @JsonTypeName.
        JSON.registerSubtypes(sent(ToAgent.class).toArray(Class<?>[]::new));
        JSON.registerSubtypes(sent(ToServer.class).toArray(Class<?>[]::new));
    }

    private Wire() {}

    /**
     * JSON conventions of this project, also for files and REST: snake_case, ISO-8601 times, {@code Optional} and never
     * null for what is absent.
     */
    public static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .addModule(TIMES)
                .addModule(WellFormedText.MODULE)
                .addModule(new Jdk8Module())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)) // no null in a list
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT) // keep_last 0.5 is an error, not 0
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    public static String encode(ToAgent message) {
        return write(message);
    }

    public static String encode(ToServer message) {
        return write(message);
    }

    /** @throws UnreadableMessage if the frame is not JSON, is of an unknown type, or lacks a field */
    public static ToAgent decodeToAgent(String frame) throws UnreadableMessage {
        return read(frame, ToAgent.class);
    }

    /** @throws UnreadableMessage if the frame is not JSON, is of an unknown type, or lacks a field */
    public static ToServer decodeToServer(String frame) throws UnreadableMessage {
        return read(frame, ToServer.class);
    }

    /** The records of a sealed interface, including those of nested sealed interfaces. */
    static <M> List<Class<?>> kinds(Class<M> messages) {
        return Arrays.stream(messages.getPermittedSubclasses())
                .flatMap(type -> type.isSealed() ? kinds(type).stream() : Stream.of(type))
                .toList();
    }

    /** Those of {@link #kinds} that are sent. */
    static <M> List<Class<?>> sent(Class<M> messages) {
        return kinds(messages).stream()
                .filter(type -> type.isAnnotationPresent(JsonTypeName.class))
                .toList();
    }

    private static String write(Object message) {
        try {
            return JSON.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "cannot encode " + message.getClass().getSimpleName(), e);
        }
    }

    private static <M> M read(String frame, Class<M> type) throws UnreadableMessage {
        try {
            var message = JSON.readValue(frame, type);
            if (message == null) {
                throw new UnreadableMessage("the frame is null", Optional.empty());
            }
            return message;
        } catch (JsonProcessingException e) {
            // No cause: Jackson's message repeats values of the frame.
            var why = why(e);
            throw new UnreadableMessage(
                    why,
                    type == ToServer.class
                            ? sequence(frame).map(number -> new ToServer.Unstorable(number, why, excerpt(frame)))
                            : Optional.empty());
        }
    }

    private static String excerpt(String frame) {
        return Limit.cut(frame, MAX_EXCERPT);
    }

    /**
     * The sequence of a result; empty for other messages. Reads its beginning only, as the frame may be too much to be
     * read as a tree.
     */
    private static Optional<Long> sequence(String frame) {
        try (var parser = JSON.createParser(frame)) {
            boolean result = false;
            var sequence = Optional.<Long>empty();
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME && !(result && sequence.isPresent())) {
                var name = parser.currentName();
                var value = parser.nextToken();
                if (name.equals("type")) {
                    result = RESULTS.contains(parser.getText());
                } else if (name.equals("sequence") && value == JsonToken.VALUE_NUMBER_INT) {
                    sequence = Optional.of(parser.getLongValue());
                }
                parser.skipChildren();
            }
            return result ? sequence : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String why(JsonProcessingException e) {
        if (e instanceof InvalidTypeIdException unknown) {
            var type = unknown.getTypeId();
            return type == null ? "the frame has no type" : "the type '" + Limit.cut(type, 80) + "' is not known";
        } else if (e instanceof MismatchedInputException wrong
                && !wrong.getPath().isEmpty()) {
            var type = wrong.getTargetType();
            return path(wrong) + " is missing or not a " + (type == null ? "value" : type.getSimpleName());
        } else if (e instanceof WellFormedText.Malformed wrong) {
            return path(wrong) + " is " + wrong.getOriginalMessage();
        } else if (e instanceof JsonMappingException wrong && e.getCause() instanceof Id.Malformed) {
            return path(wrong) + " is " + e.getCause().getMessage();
        } else if (e instanceof JsonMappingException wrong && !wrong.getPath().isEmpty()) {
            return path(wrong) + " is not usable";
        } else {
            return "the frame is not one JSON object";
        }
    }

    /** Path within the frame, such as {@code lines[0].stream}. */
    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    /** A frame that cannot be decoded. The message gives the reason without repeating values. */
    public static final class UnreadableMessage extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Optional<ToServer.Unstorable> result;

        UnreadableMessage(String why, Optional<ToServer.Unstorable> result) {
            super(why);
            this.result = result;
        }

        /** In place of a result, which can never be stored; empty for every other frame. */
        public Optional<ToServer.Unstorable> result() {
            return result;
        }
    }
}
