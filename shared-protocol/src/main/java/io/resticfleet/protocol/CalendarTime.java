package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.datatype.jsr310.deser.InstantDeserializer;
import java.io.IOException;
import java.time.Instant;

/**
 * Reads a time in the years 1 to 9999. An {@code Instant} can be of any other year, but milliseconds, the database and
 * browsers cannot represent all of those.
 */
final class CalendarTime extends StdDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    CalendarTime() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        var time = InstantDeserializer.INSTANT.deserialize(parser, context);
        if (time != null && (time.isBefore(FIRST) || time.isAfter(LAST))) {
            throw context.weirdStringException(time.toString(), Instant.class, "not in the years 1 to 9999");
        }
        return time;
    }
}
