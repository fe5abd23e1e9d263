package io.resticfleet.server.page.account;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of the audit log.
 *
 * @param host name of the only host shown; empty for all
 * @param older query of the next page; empty if this is the last
 */
record AuditScreen(Frame frame, String host, List<Line> lines, String older) {

    /**
     * A change.
     *
     * @param what the action in words, such as {@code changed a schedule}
     * @param about name of what was changed; empty if it has none
     * @param hostId empty if the change was about no host, or the host was deleted
     * @param detail indented JSON; empty if there is none
     */
    record Line(
            Instant at,
            String actor,
            String action,
            String what,
            String about,
            Optional<HostId> hostId,
            String host,
            String address,
            String detail) {

        /** Text between the action and the host's name, which is not repeated if the change was about the host itself. */
        String beforeHost() {
            if (about.equals(host)) {
                return host.isEmpty() ? "" : ": ";
            }
            return (about.isEmpty() ? "" : ": " + about) + (host.isEmpty() ? "" : " on ");
        }
    }
}
