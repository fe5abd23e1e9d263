package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.host.DivergenceNote;
import io.resticfleet.server.page.host.HostCard;
import io.resticfleet.server.page.job.JobLine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All machines at a glance.
 *
 * @param tags of any schedule, for the filter
 * @param cards that the viewer has before them; of no interest for a page that is only being made
 */
record Dashboard(
        Frame frame,
        HostFilter filter,
        List<String> tags,
        Fragment<FleetSummary> summary,
        Fragment<DivergenceNote> divergence,
        Fragment<Grid> hosts,
        List<Fragment<HostCard>> cards,
        Fragment<Activity> activity)
        implements PageModel {

    /**
     * Cards, of which each is told of by itself: another version only means that other hosts are there.
     *
     * @param all ids of the hosts that match
     * @param window makes the cards; costs what it costs only if they are shown
     * @param more from which on there are more; 0 if there are none
     */
    record Grid(HostFilter filter, List<String> all, Supplier<List<Fragment<HostCard>>> window, int more, int known) {

        List<Fragment<HostCard>> cards() {
            return window.get();
        }

        @Override
        public String toString() {
            return filter + " " + all.stream().sorted().toList();
        }
    }

    record Activity(List<JobLine> jobs) {}

    @Override
    public String template() {
        return "dashboard/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        var fragments = new ArrayList<Fragment<?>>(List.of(summary, divergence, hosts, activity));
        fragments.addAll(cards);
        return fragments;
    }
}
