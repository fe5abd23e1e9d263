package io.resticfleet.server.page;

import io.resticfleet.server.web.Piece;

/**
 * What is around every page of a host.
 *
 * @param tab that is open, such as {@code schedules}
 */
record HostFrame(Frame frame, String tab, Piece<HostCard> head, Piece<RestoredNote> restored) {

    String hostId() {
        return head.model().id();
    }

    /** Where a tab of this host is. */
    String path(String other) {
        return "/hosts/" + hostId() + (other.isEmpty() ? "" : "/" + other);
    }
}
