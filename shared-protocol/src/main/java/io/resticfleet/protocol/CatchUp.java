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
 * What becomes of a due time at which the machine could not run, as it was asleep, off, or without its agent. In JSON a
 * word: {@code run_once}, {@code skip}, or {@code within:} and a duration such as {@code 90m}, {@code 6h} or {@code 2d}.
 *
 * <p>However many due times have passed, at most the newest is made up for.
 *
 * @param longest how late a run may still begin; zero makes up for nothing
 */
@JsonDeserialize(using = CatchUp.Reader.class)
public record CatchUp(Duration longest) {

    /** One run on return, however late. */
    public static final CatchUp RUN_ONCE = new CatchUp(Duration.ofSeconds(Long.MAX_VALUE));

    /** What has passed is told as missed. */
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
     * Reads a word.
     *
     * @throws IllegalArgumentException saying what is wrong with it, fit to show to the person who typed it
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
     * Reads a word that may have been left out, for {@link #RUN_ONCE}.
     *
     * @param wrong gets what is wrong with it
     */
    public static CatchUp parse(Optional<String> text, List<Violation> wrong) {
        try {
            return text.map(CatchUp::parse).orElse(RUN_ONCE);
        } catch (IllegalArgumentException e) {
            wrong.add(new Violation("catch_up", "invalid_catch_up", e.getMessage()));
            return RUN_ONCE;
        }
    }

    /** The word, in the largest unit that says it exactly. */
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

    /** From peers that do not say it: {@link #RUN_ONCE}. */
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
