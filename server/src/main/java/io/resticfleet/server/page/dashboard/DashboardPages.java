package io.resticfleet.server.page.dashboard;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.job.JobFilter;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Look;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.host.DivergenceNote;
import io.resticfleet.server.page.host.DivergencePages;
import io.resticfleet.server.page.host.HostCard;
import io.resticfleet.server.page.host.HostCards;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.page.schedule.HoldWords;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** The first page: whether everything is backed up. */
public final class DashboardPages {

    /** Number of cards to load at once; a button loads more. */
    private static final int WINDOW = 60;

    private static final int ACTIVITY = 12;
    private static final String GRID = "hosts";
    private static final String CARD = "host-";

    private final LivePages livePages;
    private final Frames frames;
    private final Fleet fleet;
    private final HostCards cards;
    private final Jobs jobs;
    private final DivergencePages divergence;
    private final RepositoryCatalog catalog;
    private final RetentionOverview retention;
    private final Recoveries recoveries;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Overview> newest = Optional.empty();

    public DashboardPages(
            LivePages livePages,
            Frames frames,
            Fleet fleet,
            HostCards cards,
            Jobs jobs,
            DivergencePages divergence,
            RepositoryCatalog catalog,
            RetentionOverview retention,
            Recoveries recoveries) {
        this.recoveries = recoveries;
        this.retention = retention;
        this.catalog = catalog;
        this.livePages = livePages;
        this.frames = frames;
        this.fleet = fleet;
        this.cards = cards;
        this.jobs = jobs;
        this.divergence = divergence;
    }

    public void install(Routes routes) {
        routes.page("/", Access.USER, ctx -> livePages.show(ctx, look -> dashboard(ctx, look), Fleet::concerns));
    }

    private Dashboard dashboard(Context ctx, Look look) {
        var frame = frames.of(ctx, "machines", "Machines", "/api/hosts");
        var viewer = frame.viewer();
        var filter = HostFilter.of(
                Requests.query(ctx, "q").orElse(""),
                Requests.query(ctx, "tag").orElse(""),
                Requests.query(ctx, "state").orElse(""));
        var overview = overview();
        var problems = problems(overview.fleet());
        return new Dashboard(
                frame,
                filter,
                overview.lists().tags(),
                summary(overview, problems, viewer),
                new Fragment<>("problems", "dashboard/problems.jte", problems, viewer),
                overview.divergence().as(DivergenceNote.ID, DivergenceNote.TEMPLATE, viewer),
                grid(ctx, look, viewer, overview, filter),
                fragments(viewer, wanted(look, overview, filter)),
                overview.recovery().as("recovery", "dashboard/recovery.jte", viewer),
                overview.activity().as("activity", "dashboard/activity.jte", viewer));
    }

    private Problems problems(FleetStatus now) {
        return new Problems(Stream.of(
                        catalog.troubled(Problems.MOST).stream().map(Problems::of),
                        retention.untrusted().keySet().stream()
                                .flatMap(id -> now.find(id).stream())
                                .limit(Problems.MOST)
                                .map(Problems::untrusted),
                        retention.waiting().stream()
                                .filter(waiting -> HoldWords.isAlarm(waiting.hold()))
                                .limit(Problems.MOST)
                                .map(Problems::of))
                .flatMap(each -> each)
                .toList());
    }

    private static Fragment<FleetSummary> summary(Overview overview, Problems problems, Viewer viewer) {
        var shared = overview.summary().as("verdict", "dashboard/summary.jte", viewer);
        return problems.problems().isEmpty()
                ? shared
                : new Fragment<>(shared.id(), shared.template(), shared.model().with(problems), viewer);
    }

    private Overview overview() {
        var now = fleet.now();
        lock.lock();
        try {
            if (newest.filter(overview -> overview.isOf(now)).isEmpty()) {
                newest = Optional.of(new Overview(
                        now,
                        newest.map(before -> before.lists().after(now)).orElseGet(() -> HostLists.of(now)),
                        divergence.note(),
                        WorstRecoveries.of(
                                now,
                                recoveries.of(now.hosts().stream()
                                        .map(status -> status.host().id())
                                        .toList())),
                        new Dashboard.Activity(activity(now))));
            }
            return newest.get();
        } finally {
            lock.unlock();
        }
    }

    private Fragment<Dashboard.Grid> grid(Context ctx, Look look, Viewer viewer, Overview overview, HostFilter filter) {
        var matching = overview.lists().matching(filter);
        int all = matching.ids().size();
        int from = Math.min(number(ctx, "from"), all);
        int windows = Math.max(1, (number(ctx, "_called") + WINDOW - 1) / WINDOW);
        int until = Math.min(from + windows * WINDOW, all);
        var shown = look.shows(GRID) ? matching.ids().subList(from, until) : List.<HostId>of();
        var grid = new Dashboard.Grid(
                filter,
                all,
                fragments(viewer, overview.fleet().some(shown)),
                until < all ? until : 0,
                overview.fleet().hosts().size());
        return new Fragment<>(GRID, "dashboard/grid.jte", grid, matching.version(), viewer);
    }

    /** The hosts whose cards are requested and that still match the filter. */
    private static List<HostStatus> wanted(Look look, Overview overview, HostFilter filter) {
        return look.fragments().stream()
                .filter(id -> id.startsWith(CARD))
                .map(id -> id.substring(CARD.length()))
                .filter(Id::matches)
                .flatMap(id -> overview.fleet().find(new HostId(id)).stream())
                .filter(filter::matches)
                .toList();
    }

    private List<Fragment<HostCard>> fragments(Viewer viewer, List<HostStatus> statuses) {
        return cards.of(viewer, statuses).stream()
                .map(card -> card.as(CARD + card.model().id(), "dashboard/card.jte", viewer))
                .toList();
    }

    private List<JobLine> activity(FleetStatus now) {
        var any = new JobFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        return JobLines.of(
                jobs.list(any, new Page.Request(ACTIVITY, Optional.empty())).items(), now);
    }

    private static int number(Context ctx, String name) {
        return Requests.query(ctx, name)
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(Integer::parseInt)
                .orElse(0);
    }
}
