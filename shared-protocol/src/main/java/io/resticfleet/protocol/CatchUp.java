package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What happens to a due time that passed while the machine was asleep, off, or without a running agent. In JSON a
 * string: {@code run_once}, {@code skip}, or {@code within:} and a duration such as {@code 90m}, {@code 6h} or {@code
 * 2d}.
 *
 * <p>However many due times have passed, only the newest is caught up.
 *
 * @param longest how late a run may still start; zero for no catch-up
 */
@JsonDeserialize(using = CatchUp.Reader.class)
public record CatchUp(Duration longest) {

    /** One catch-up run, however late. */
    public static final CatchUp RUN_ONCE = new CatchUp(Duration.ofSeconds(Long.MAX_VALUE));

    /** No catch-up: due times that have passed are reported as missed. */
    public static final CatchUp SKIP = new CatchUp(Duration.ZERO);

    private static final Pattern WITHIN = Pattern.compile("within:\\s*([1-9][0-9]{0,5})([mhd])");
    private static final Map<String, Duration> UNITS =
            Map.of("m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));

    /** @throws IllegalArgumentException if the duration is negative */
    public CatchUp {
        if (longest.isNegative()) {
            throw new IllegalArgumentException("a run cannot be late by " + longest);
        }
    }

    /**
     * Parses the JSON string.
     *
     * @throws IllegalArgumentException with a message for the person who typed it
     */
    public static CatchUp parse(String text) {
        var word = text.strip();
        if (word.equals("run_once")) {
            return RUN_ONCE;
        }
        if (word.equals("skip")) {
            return SKIP;
        }
        var within = WITHIN.matcher(word);
        if (!within.matches()) {
            throw new IllegalArgumentException(
                    "catch_up must be run_once, skip, or within: and a duration such as 90m, 6h or 2d, but is '" + text
                            + "'");
        }
        return new CatchUp(UNITS.get(within.group(2)).multipliedBy(Long.parseLong(within.group(1))));
    }

    /**
     * Parses an optional value; absent means {@link #RUN_ONCE}.
     *
     * @param wrong receives the violation, if any
     */
    public static CatchUp parse(Optional<String> text, List<Violation> wrong) {
        try {
            return text.map(CatchUp::parse).orElse(RUN_ONCE);
        } catch (IllegalArgumentException e) {
            wrong.add(new Violation("catch_up", "invalid_catch_up", e.getMessage()));
            return RUN_ONCE;
        }
    }

    /** The JSON string, in the largest unit that is exact. */
    @JsonValue
    @Override
    public String toString() {
        if (equals(RUN_ONCE)) {
            return "run_once";
        } else if (equals(SKIP)) {
            return "skip";
        } else if (longest.toMinutes() % 60 != 0) {
            return "within:" + longest.toMinutes() + "m";
        }
        return longest.toHours() % 24 == 0 ? "within:" + longest.toDays() + "d" : "within:" + longest.toHours() + "h";
    }

    /** Peers that omit it mean {@link #RUN_ONCE}. */
    static final class Reader extends StdScalarDeserializer<CatchUp> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(CatchUp.class);
        }

        @Override
        public CatchUp deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return parse(parser.getValueAsString(""));
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(parser.getText(), CatchUp.class, e.getMessage());
            }
        }

        @Override
        public Object getAbsentValue(DeserializationContext context) {
            return RUN_ONCE;
        }
    }
}
