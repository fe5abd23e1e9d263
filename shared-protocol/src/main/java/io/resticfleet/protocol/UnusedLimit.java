package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * How much unused data a prune may leave in a repository: {@code 5%} of all data, {@code 500M}, or {@code unlimited}.
 *
 * @param text as restic's {@code --max-unused} takes it
 * @see <a href="https://restic.readthedocs.io/en/stable/060_forget.html#customize-pruning">restic: customize pruning</a>
 */
public record UnusedLimit(@JsonValue String text) {

    private static final Pattern FORM = Pattern.compile("unlimited|(100|\\d{1,2}(\\.\\d{1,2})?)%|\\d{1,9}[kKmMgGtT]?");

    /** @throws IllegalArgumentException unless restic accepts it */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public UnusedLimit {
        if (!isValid(text)) {
            throw new IllegalArgumentException(
                    "must be such as 5%, 500M, 2G or unlimited but is '" + WellFormedText.cut(text, 80) + "'");
        }
    }

    /** Whether restic accepts it. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
