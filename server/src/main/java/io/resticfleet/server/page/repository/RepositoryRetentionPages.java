package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.retention.RetentionOverview.Counts;
import io.resticfleet.server.retention.RetentionOverview.Foreign;
import io.resticfleet.server.retention.RetentionOverview.User;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Retention in a repository, and the snapshots that were there before a schedule of this server. */
final class RepositoryRetentionPages {

    private static final String PATH = "/repositories/{repository}/retention";

    private final Html html;
    private final RepositoryFrames frames;
    private final RetentionOverview overview;
    private final RetentionDecisions decisions;

    RepositoryRetentionPages(
            Html html, RepositoryFrames frames, RetentionOverview overview, RetentionDecisions decisions) {
        this.html = html;
        this.frames = frames;
        this.overview = overview;
        this.decisions = decisions;
    }

    void install(Routes routes) {
        routes.page(PATH, Access.USER, this::show);
        routes.form(PATH + "/adopt", Access.USER, this::adopt);
    }

    private void show(Context ctx) {
        var frame = frames.of(ctx, "retention");
        var id = frame.repository().id();
        var users = overview.users(id);
        var counts = overview.counts(id).stream().collect(Collectors.toMap(Counts::scheduleId, Function.identity()));
        var foreign = overview.foreign(id, RepositoryRetentionScreen.SHOWN);
        html.answer(
                ctx,
                "repository/retention.jte",
                new RepositoryRetentionScreen(
                        frame,
                        users.stream()
                                .map(user -> line(
                                        user,
                                        counts.getOrDefault(
                                                user.schedule().id(),
                                                new Counts(user.schedule().id(), 0, 0, 0))))
                                .toList(),
                        groups(foreign, users),
                        users.stream()
                                .map(user -> new RepositoryRetentionScreen.Choice(
                                        user.schedule().id(),
                                        user.host() + ": " + user.schedule().name()))
                                .toList(),
                        foreign.size() == RepositoryRetentionScreen.SHOWN));
    }

    private RepositoryRetentionScreen.Line line(User user, Counts counts) {
        var schedule = user.schedule();
        return new RepositoryRetentionScreen.Line(
                user.hostId(),
                user.host(),
                schedule.id(),
                schedule.name(),
                counts.snapshots(),
                counts.unproven(),
                counts.uncounted(),
                overview.waits(schedule.id()).map(hold -> hold.cause().text()).orElse(""));
    }

    /** As restic groups them: by machine and paths. */
    private static List<RepositoryRetentionScreen.Group> groups(List<Foreign> foreign, List<User> users) {
        record Key(String hostname, List<String> paths) {}
        var byKey = foreign.stream()
                .collect(Collectors.groupingBy(
                        snapshot -> new Key(snapshot.hostname(), snapshot.paths()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        var groups = new ArrayList<RepositoryRetentionScreen.Group>();
        byKey.forEach((key, snapshots) -> groups.add(new RepositoryRetentionScreen.Group(
                groups.size() + 1, key.hostname, key.paths, snapshots, suggested(key.hostname, key.paths, users))));
        return groups;
    }

    /** The schedule of the machine with this name and the same paths; absent if there is none. */
    private static Optional<ScheduleId> suggested(String hostname, List<String> paths, List<User> users) {
        return users.stream()
                .filter(user -> user.hostname().equals(hostname)
                        && Set.copyOf(user.schedule().paths()).equals(Set.copyOf(paths)))
                .map(user -> user.schedule().id())
                .findFirst();
    }

    private void adopt(Context ctx) {
        var id = Requests.repository(ctx);
        var scheduleId =
                Requests.valid("schedule_id", "unknown_schedule", ScheduleId::new, Requests.field(ctx, "schedule_id"));
        decisions.adopt(Actor.of(ctx), id, scheduleId, Requests.fields(ctx, "snapshot"));
        Redirects.saved(ctx, "/repositories/" + id + "/retention");
    }
}
