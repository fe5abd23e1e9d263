package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The secret part of an address at the server, {@link Protocol#TRANSFERS_PATH}, to which an agent can send one body, once.
 *
 * @param value 43 characters
 */
public record TransferToken(@JsonValue String value) {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** @throws IllegalArgumentException if it cannot be one; the message does not repeat it */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public TransferToken {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a transfer token");
        }
    }

    /** Where the body is sent. */
    public String path() {
        return Protocol.TRANSFERS_PATH + value;
    }

    /** Not the secret. */
    @Override
    public String toString() {
        return "***";
    }
}
