package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import java.time.Instant;

/** Of which hosts nothing is announced, as somebody works on them. */
public interface Silences {

    boolean silent(HostId hostId, Instant now);
}
