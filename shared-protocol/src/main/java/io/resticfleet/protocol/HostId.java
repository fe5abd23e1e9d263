package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The id of a host, which the server gives it at enrolment. */
public record HostId(@JsonValue String value) implements Id {

    /** @throws Malformed if this is not an id */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public HostId {
        Id.check(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
