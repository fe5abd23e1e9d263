package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A time in a policy, as a number and a unit: {@code 90m}, {@code 12h}, {@code 2d}.
 *
 * @param text as written by the machine's owner
 */
public record PolicyDuration(@JsonValue String text) {

    private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,3}[mhd]");
    private static final Map<String, Duration> UNITS =
            Map.of("m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));

    /** @throws IllegalArgumentException unless it is 1 to 9999 minutes, hours or days */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public PolicyDuration {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("must be a time such as 90m, 12h or 2d but is '" + text + "'");
        }
    }

    public Duration duration() {
        var number = text.substring(0, text.length() - 1);
        return UNITS.get(text.substring(text.length() - 1)).multipliedBy(Long.parseLong(number));
    }

    @Override
    public String toString() {
        return text;
    }
}
