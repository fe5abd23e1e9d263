package io.resticfleet.server.page;

import io.resticfleet.server.live.Fragment;

/**
 * What is around every page of a host.
 *
 * @param tab that is open, such as {@code schedules}
 */
record HostFrame(Frame frame, String tab, Fragment<HostCard> head, Fragment<RestoredNote> restored) {

    String hostId() {
        return head.model().id();
    }

    /** Where a tab of this host is. */
    String path(String other) {
        return "/hosts/" + hostId() + (other.isEmpty() ? "" : "/" + other);
    }
}
