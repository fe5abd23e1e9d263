package io.resticfleet.server.page.account;

import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;

/**
 * Who changed what.
 *
 * @param host name of the one that all this is about; empty for all
 * @param older query of the page after this one; empty if this is the last
 */
record AuditScreen(Frame frame, String host, List<Line> lines, String older) {

    /**
     * A change.
     *
     * @param what noun and verb in words, such as {@code changed a schedule}
     * @param about what it was about: a name, where there is one; empty otherwise
     * @param hostId empty if it was about no host, or that is no more
     * @param detail as JSON, indented; empty if there is none
     */
    record Line(
            Instant at,
            String actor,
            String action,
            String what,
            String about,
            String hostId,
            String host,
            String address,
            String detail) {}
}
