package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** Form of what is read from a snapshot. */
public enum DumpFormat {
    /** The content of one file. */
    RAW,
    /** A directory, or a file in one, as a zip archive. */
    ZIP,
    /** The same as a tar archive. */
    TAR;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The name in JSON, such as {@code zip}. */
    @JsonValue
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException if there is no such form */
    @JsonCreator
    public static DumpFormat of(String word) {
        return Arrays.stream(values())
                .filter(format -> format.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be raw, zip or tar"));
    }
}
