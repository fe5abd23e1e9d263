package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** What a restore does with a file that exists at its target. */
public enum Overwrite {
    /** It stays as it is. */
    NEVER,
    /** It is replaced if the snapshot's was changed later. */
    IF_NEWER,
    /** It is replaced if its size or time differ from the snapshot's. */
    IF_CHANGED,
    /** What differs of its content is replaced. */
    ALWAYS;

    /** In JSON, such as {@code if_newer}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such choice */
    @JsonCreator
    public static Overwrite of(String word) {
        return Arrays.stream(values())
                .filter(choice -> choice.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "overwrite must be one of never, if_newer, if_changed and always but is '"
                                + WellFormedText.cut(word, 80) + "'"));
    }
}
