package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;

/** Reads a number that older peers omit, as 0. */
final class ZeroIfAbsent extends StdScalarDeserializer<Integer> {
    private static final long serialVersionUID = 1L;

    ZeroIfAbsent() {
        super(Integer.class);
    }

    @Override
    public Integer deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        return _parseIntPrimitive(parser, context);
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
        return 0;
    }
}
