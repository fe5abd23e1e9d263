package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * One of several parts of a repository's data, of about the same size; all parts together are all data. In JSON
 * {@code 3/7}.
 *
 * @param number from 1
 * @param of number of parts, from 1 to {@value #MAX}
 */
public record DataPart(int number, int of) {

    /** Greatest number of parts: restic divides by the first byte of a pack's name. */
    public static final int MAX = 256;

    private static final Pattern FORM = Pattern.compile("(\\d{1,3})/(\\d{1,3})");

    /** @throws IllegalArgumentException if there is no such part */
    public DataPart {
        if (of < 1 || of > MAX || number < 1 || number > of) {
            throw new IllegalArgumentException(
                    "must be part 1/n to n/n of at most " + MAX + " but is " + number + "/" + of);
        }
    }

    /** @throws IllegalArgumentException unless it is a part such as {@code 3/7} */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static DataPart of(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("must be a part such as 3/7");
        }
        return new DataPart(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
    }

    /** The share of all data, above 0 and at most 1. */
    public double share() {
        return 1.0 / of;
    }

    @JsonValue
    @Override
    public String toString() {
        return number + "/" + of;
    }
}
