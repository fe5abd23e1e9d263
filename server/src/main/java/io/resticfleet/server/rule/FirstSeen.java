package io.resticfleet.server.rule;

import io.resticfleet.server.alert.AlertKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** When conditions without a stored beginning were first found; forgotten when a look does not ask for them. */
final class FirstSeen {

    private Map<AlertKey, Instant> before = new HashMap<>();
    private Map<AlertKey, Instant> asked = new HashMap<>();

    /** Begins a look. */
    void begin() {
        before = asked;
        asked = new HashMap<>();
    }

    /** When it was first asked for, in all looks since then. */
    Instant of(AlertKey key, Instant now) {
        var known = before.getOrDefault(key, now);
        var since = known.isAfter(now) ? now : known; // the clock was set back
        asked.put(key, since);
        return since;
    }
}
