package io.resticfleet.server.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.resticfleet.protocol.Json;
import java.lang.reflect.Type;

/** JSON as stored in columns and inside envelopes. Safe for use by many threads. */
public final class StoredJson {

    private StoredJson() {}

    public static String write(Object value) {
        try {
            return Json.LENIENT.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a " + value.getClass().getSimpleName() + " as JSON", e);
        }
    }

    /** @throws IllegalStateException if the text does not fit the type; the cause may contain parts of the text */
    public static <T> T read(String text, Class<T> type) {
        return read(text, reader(type));
    }

    static ObjectReader reader(Type type) {
        return Json.LENIENT.readerFor(Json.LENIENT.constructType(type));
    }

    static <T> T read(String text, ObjectReader reader) {
        try {
            return reader.readValue(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON is not readable", e);
        }
    }
}
