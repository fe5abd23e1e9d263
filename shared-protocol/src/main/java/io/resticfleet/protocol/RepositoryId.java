package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The server's id of a repository; restic's own is another. */
public record RepositoryId(@JsonValue String value) implements Id {

    /** @throws Malformed if this is not an id */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RepositoryId {
        Id.check(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
