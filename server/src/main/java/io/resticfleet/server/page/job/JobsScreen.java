package io.resticfleet.server.page.job;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.host.HostFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Jobs, of all hosts or of one.
 *
 * @param host absent for all
 * @param filter what is shown of them
 */
record JobsScreen(Frame frame, Optional<HostFrame> host, Filter filter, Fragment<Shown> list) implements PageModel {

    /** @param kind and {@code status}: words of the API; empty for any */
    record Filter(String kind, String status) {}

    /**
     * @param path of this list, without what of it is shown
     * @param older query of the page after this one; empty if this is the last
     * @param withHosts whether lines name their host
     */
    record Shown(String path, List<JobLine> jobs, String older, boolean withHosts) {}

    @Override
    public String template() {
        return "job/jobs.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        var fragments = new ArrayList<Fragment<?>>(List.of(list));
        host.ifPresent(frame -> fragments.add(frame.head()));
        return fragments;
    }
}
