package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;

/** Reads a flag that older peers omit, as false. */
final class FalseIfAbsent extends StdScalarDeserializer<Boolean> {
    private static final long serialVersionUID = 1L;

    FalseIfAbsent() {
        super(Boolean.class);
    }

    @Override
    public Boolean deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        return _parseBooleanPrimitive(parser, context);
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
        return false;
    }
}
