package io.resticfleet.server.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Wire;
import java.lang.reflect.Type;

/** The JSON that is stored: in columns, and inside envelopes. Safe for use by many threads. */
public final class Json {

    private static final JsonMapper MAPPER = Wire.builder().build();

    private Json() {}

    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a " + value.getClass().getSimpleName() + " as JSON", e);
        }
    }

    /** @throws IllegalStateException if the text is something else; its cause may repeat parts of the text */
    public static <T> T read(String text, Class<T> type) {
        return read(text, reader(type));
    }

    static ObjectReader reader(Type type) {
        return MAPPER.readerFor(MAPPER.constructType(type));
    }

    static <T> T read(String text, ObjectReader reader) {
        try {
            return reader.readValue(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON is not readable", e);
        }
    }
}
