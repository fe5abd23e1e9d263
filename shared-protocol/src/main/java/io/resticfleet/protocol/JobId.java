package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The id of a job: from the server for a click, from the agent for a due time. */
public record JobId(@JsonValue String value) implements Id {

    /** @throws Malformed if this is not an id */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public JobId {
        Id.check(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
