package io.resticfleet.server.page.dashboard;

import io.javalin.http.Context;
import io.resticfleet.server.job.JobFilter;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.host.DivergencePages;
import io.resticfleet.server.page.host.HostCard;
import io.resticfleet.server.page.host.HostCards;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The first page: is everything backed up? */
public final class DashboardPages {

    /** Cards at once; more are called up by hand. */
    private static final int WINDOW = 60;

    private static final int ACTIVITY = 12;
    private static final String CARD = "host-";

    private final LivePages livePages;
    private final Frames frames;
    private final Fleet fleet;
    private final HostCards cards;
    private final Jobs jobs;
    private final JobLines lines;
    private final DivergencePages divergence;

    public DashboardPages(
            LivePages livePages,
            Frames frames,
            Fleet fleet,
            HostCards cards,
            Jobs jobs,
            JobLines lines,
            DivergencePages divergence) {
        this.livePages = livePages;
        this.frames = frames;
        this.fleet = fleet;
        this.cards = cards;
        this.jobs = jobs;
        this.lines = lines;
        this.divergence = divergence;
    }

    public void install(Routes routes) {
        routes.page("/", Access.USER, ctx -> livePages.show(ctx, shown -> look(ctx, shown)));
    }

    private Dashboard look(Context ctx, Set<String> shown) {
        var frame = frames.of(ctx, "machines", "Machines", "/api/hosts");
        var viewer = frame.viewer();
        var filter = HostFilter.of(
                Requests.query(ctx, "q").orElse(""),
                Requests.query(ctx, "tag").orElse(""),
                Requests.query(ctx, "state").orElse(""));
        var all = fleet.all();
        var matching = all.stream()
                .filter(filter::matches)
                .sorted(Comparator.comparing(HostStatus::state)
                        .thenComparing(status -> status.host().name(), String.CASE_INSENSITIVE_ORDER))
                .toList();
        int from = Math.min(number(ctx, "from"), matching.size());
        int windows = Math.max(1, (number(ctx, "_called") + WINDOW - 1) / WINDOW);
        int until = Math.min(from + windows * WINDOW, matching.size());
        var before = matching.stream()
                .filter(status -> shown.contains(CARD + status.host().id()))
                .toList();
        var grid = new Dashboard.Grid(
                filter,
                matching.stream().map(status -> status.host().id()).toList(),
                () -> fragments(viewer, matching.subList(from, until)),
                until < matching.size() ? until : 0,
                all.size());
        return new Dashboard(
                frame,
                filter,
                all.stream()
                        .flatMap(status -> status.schedules().stream())
                        .flatMap(schedule -> schedule.tags().stream())
                        .distinct()
                        .sorted()
                        .toList(),
                new Fragment<>("verdict", "dashboard/summary.jte", FleetSummary.of(all), viewer),
                divergence.note(viewer),
                new Fragment<>("hosts", "dashboard/grid.jte", grid, viewer),
                fragments(viewer, before),
                new Fragment<>("activity", "dashboard/activity.jte", new Dashboard.Activity(newest()), viewer));
    }

    private List<Fragment<HostCard>> fragments(Viewer viewer, List<HostStatus> statuses) {
        return cards.of(viewer, statuses).stream()
                .map(card -> new Fragment<>(CARD + card.id(), "dashboard/card.jte", card, viewer))
                .toList();
    }

    private List<JobLine> newest() {
        var any = new JobFilter(Optional.empty(), Optional.empty(), Optional.empty());
        return lines.of(
                jobs.list(any, new Page.Request(ACTIVITY, Optional.empty())).items());
    }

    private static int number(Context ctx, String name) {
        return Requests.query(ctx, name)
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(Integer::parseInt)
                .orElse(0);
    }
}
