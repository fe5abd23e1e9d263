package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Pause;
import io.resticfleet.server.host.Silence;
import java.util.Optional;

/**
 * That nothing runs on a host, or nothing is announced of it.
 *
 * @param pause absent if its schedules run
 * @param silence absent if it is not silenced
 */
public record QuietNote(HostId hostId, Optional<Pause> pause, Optional<Silence> silence) {

    static final String ID = "quiet";
    static final String TEMPLATE = "host/quiet.jte";

    boolean isEmpty() {
        return pause.isEmpty() && silence.isEmpty();
    }
}
