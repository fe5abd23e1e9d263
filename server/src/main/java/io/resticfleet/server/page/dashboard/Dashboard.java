package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.host.DivergenceNote;
import io.resticfleet.server.page.host.HostCard;
import io.resticfleet.server.page.job.JobLine;
import java.util.ArrayList;
import java.util.List;

/**
 * Overview of all machines.
 *
 * @param tags the tags of all schedules, for the filter
 * @param cards the cards that were requested individually; none for the whole page
 */
record Dashboard(
        Frame frame,
        HostFilter filter,
        List<String> tags,
        Fragment<FleetSummary> summary,
        Fragment<Problems> problems,
        Fragment<DivergenceNote> divergence,
        Fragment<Grid> hosts,
        List<Fragment<HostCard>> cards,
        Fragment<WorstRecoveries> recovery,
        Fragment<Activity> activity)
        implements PageModel {

    /**
     * The list of cards. Each card has its own version; the list's version changes only when other hosts match.
     *
     * @param matching number of hosts that match the filter
     * @param more index of the first card that is not loaded; 0 if all are
     * @param known number of all hosts
     */
    record Grid(HostFilter filter, int matching, List<Fragment<HostCard>> cards, int more, int known) {}

    record Activity(List<JobLine> jobs) {}

    @Override
    public String template() {
        return "dashboard/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        var fragments = new ArrayList<Fragment<?>>(List.of(summary, problems, divergence, hosts, recovery, activity));
        fragments.addAll(cards);
        return fragments;
    }
}
