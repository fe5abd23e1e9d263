package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The frame of every page of a host.
 *
 * @param tab the current tab, such as {@code schedules}
 * @param untrustedSince since when nothing counts that the host makes; absent if it is trusted
 */
public record HostFrame(
        Frame frame,
        String tab,
        Fragment<HostCard> head,
        Fragment<DivergenceNote> divergence,
        Fragment<ReplacementNote> replaced,
        Fragment<QuietNote> quiet,
        Optional<Instant> untrustedSince) {

    /** Its fragments, and those of one page. */
    public List<Fragment<?>> and(Fragment<?>... own) {
        return Stream.concat(Stream.of(head, divergence, replaced, quiet), Stream.of(own))
                .toList();
    }

    public HostId hostId() {
        return head.model().id();
    }

    /** The path of a tab of this host. */
    public String path(String other) {
        return "/hosts/" + hostId() + (other.isEmpty() ? "" : "/" + other);
    }
}
