package io.resticfleet.server.page.host;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.page.frame.Frame;

/**
 * What is around every page of a host.
 *
 * @param tab that is open, such as {@code schedules}
 */
public record HostFrame(Frame frame, String tab, Fragment<HostCard> head, Fragment<DivergenceNote> divergence) {

    public String hostId() {
        return head.model().id();
    }

    /** Where a tab of this host is. */
    public String path(String other) {
        return "/hosts/" + hostId() + (other.isEmpty() ? "" : "/" + other);
    }
}
