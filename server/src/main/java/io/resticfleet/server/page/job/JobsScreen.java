package io.resticfleet.server.page.job;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.host.HostFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A list of jobs.
 *
 * @param host absent for the jobs of all hosts
 */
record JobsScreen(Frame frame, Optional<HostFrame> host, Filter filter, Fragment<Shown> list) implements PageModel {

    /**
     * What to show.
     *
     * @param kind as in the API; empty for any
     * @param status as in the API; empty for any
     */
    record Filter(String kind, String status) {}

    /**
     * @param path of this list, without query
     * @param older query of the next page; empty if this is the last
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
        host.ifPresent(frame -> fragments.addAll(frame.and()));
        return fragments;
    }
}
