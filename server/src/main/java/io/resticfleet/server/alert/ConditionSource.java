package io.resticfleet.server.alert;

import java.time.Instant;

/** Finds conditions. */
public interface ConditionSource {

    /** All conditions of this source that are true now. Called by one thread at a time, every few seconds. */
    Findings find(Instant now);
}
