package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.job.JobFilter;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.retention.Copies;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A repository: its state, its machines, the jobs at it and its snapshots. */
final class RepositoryPages {

    private static final String ONE = "/repositories/{repository}";
    private static final int SNAPSHOTS = 50;
    private static final int ENDED = 20;
    private static final int OPEN = 50;
    private static final int SIZES = 30;
    private static final int MAX_TARGETS = 1_000;

    private final Html html;
    private final LivePages livePages;
    private final RepositoryFrames frames;
    private final RepositoryCatalog catalog;
    private final HostConfigs configs;
    private final Snapshots snapshots;
    private final Jobs jobs;
    private final JobLines lines;
    private final RepositoryQueue queue;
    private final Fleet fleet;
    private final RepositoryFindings findings;
    private final Copies copies;
    private final PasswordRotations rotations;

    RepositoryPages(
            Html html,
            LivePages livePages,
            RepositoryFrames frames,
            RepositoryCatalog catalog,
            HostConfigs configs,
            Snapshots snapshots,
            Jobs jobs,
            JobLines lines,
            RepositoryQueue queue,
            Fleet fleet,
            RepositoryFindings findings,
            PasswordRotations rotations,
            Copies copies) {
        this.copies = copies;
        this.findings = findings;
        this.rotations = rotations;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.catalog = catalog;
        this.configs = configs;
        this.snapshots = snapshots;
        this.jobs = jobs;
        this.lines = lines;
        this.queue = queue;
        this.fleet = fleet;
    }

    void install(Routes routes) {
        routes.page(ONE, Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(ONE + "/test", Access.USER, this::test);
    }

    private void test(Context ctx) {
        var job = configs.test(Actor.of(ctx), Requests.repository(ctx), Optional.empty());
        if (ctx.header("HX-Request") != null) {
            html.answer(ctx, "frame/toast.jte", Toast.done("The test has started.", "/jobs/" + job, "Show job"));
        } else {
            Redirects.to(ctx, "/repositories/" + Requests.repository(ctx));
        }
    }

    private RepositoryScreen look(Context ctx) {
        var frame = frames.of(ctx, "");
        var repository = frame.repository();
        var now = fleet.now();
        var viewer = frame.frame().viewer();
        var maintainer = repository
                .maintainerHostId()
                .flatMap(now::find)
                .map(host -> host.host().name());
        return new RepositoryScreen(
                frame,
                frames.pending(frame),
                new Fragment<>(
                        "state",
                        "repository/state.jte",
                        new RepositoryScreen.State(
                                repository,
                                maintainer.orElse(""),
                                SizeWords.growth(findings.sizes(repository.id(), SizeWords.DAYS))),
                        viewer),
                new Fragment<>(
                        "rotation",
                        "repository/rotation.jte",
                        PasswordPages.progress(rotations, frame).unlessOver(),
                        viewer),
                new Fragment<>(
                        "findings",
                        "repository/findings.jte",
                        new RepositoryScreen.Findings(
                                repository.id(),
                                findings.sizes(repository.id(), SIZES),
                                findings.keys(repository.id())),
                        viewer),
                targets(repository),
                new Fragment<>("machines", "repository/machines.jte", machines(repository, now), viewer),
                new Fragment<>("queue", "repository/queue.jte", queue(repository.id(), now), viewer),
                new Fragment<>("copies", "repository/copies.jte", copies(repository.id()), viewer),
                new Fragment<>(
                        "contents",
                        "repository/contents.jte",
                        contents(repository, now, Requests.query(ctx, "cursor")),
                        viewer));
    }

    private RepositoryScreen.Machines machines(RepositoryView repository, FleetStatus now) {
        var newest = snapshots.newest(repository.id());
        var keeper = keeper(repository);
        return new RepositoryScreen.Machines(repository.hosts().stream()
                .flatMap(user -> now.find(user.id()).stream())
                .map(status -> machine(
                        status, newest, keeper.equals(Optional.of(status.host().id()))))
                .toList());
    }

    private static RepositoryScreen.Machine machine(HostStatus status, Map<HostId, Instant> newest, Boolean keeper) {
        var host = status.host();
        return new RepositoryScreen.Machine(
                host.id(),
                host.name(),
                StateWords.tone(status.state()),
                StateWords.of(status),
                Optional.ofNullable(newest.get(host.id())),
                keeper);
    }

    /** The repositories to which the host can copy that looks after this one. */
    private List<RepositoryView> targets(RepositoryView repository) {
        var keeper = keeper(repository);
        return catalog.list(new Page.Request(MAX_TARGETS, Optional.empty())).items().stream()
                .filter(other -> !other.id().equals(repository.id())
                        && other.hosts().stream().anyMatch(user -> keeper.equals(Optional.of(user.id()))))
                .toList();
    }

    private static Optional<HostId> keeper(RepositoryView repository) {
        return repository
                .maintainerHostId()
                .or(() -> repository.hosts().stream().findFirst().map(RepositoryView.User::id));
    }

    private RepositoryScreen.Queue queue(RepositoryId id, FleetStatus now) {
        var items = queue.items(id).stream().limit(OPEN).toList();
        var open = lines.of(items.stream().map(RepositoryQueue.Item::job).toList());
        var ended = jobs
                .list(
                        new JobFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(id.value())),
                        new Page.Request(ENDED + items.size(), Optional.empty()))
                .items()
                .stream()
                .filter(job -> job.status().ended())
                .limit(ENDED)
                .toList();
        return new RepositoryScreen.Queue(
                IntStream.range(0, items.size())
                        .mapToObj(i -> waiting(items.get(i), open.get(i), now))
                        .toList(),
                lines.of(ended));
    }

    private RepositoryScreen.Copies copies(RepositoryId id) {
        return new RepositoryScreen.Copies(copies.of(id).stream()
                .map(copy -> copy.from().id().equals(id)
                        ? new RepositoryScreen.CopyLine(copy, "to", copy.to())
                        : new RepositoryScreen.CopyLine(copy, "from", copy.from()))
                .toList());
    }

    /** With what a job waits for that waits for no other, and whether the others still wait for it. */
    private static JobLine waiting(RepositoryQueue.Item item, JobLine line, FleetStatus now) {
        boolean online = now.find(item.job().hostId())
                .filter(host -> host.presence() == Presence.ONLINE)
                .isPresent();
        if (item.isStarted()) {
            return item.lease().isPresent()
                            || !item.job().expected()
                            || item.job().stopping()
                    ? line
                    : line.withRemark("its machine has not confirmed it for a while, and others do not wait for it");
        }
        return online ? line : line.withRemark("waits for its machine to connect");
    }

    private RepositoryScreen.Contents contents(RepositoryView repository, FleetStatus now, Optional<String> cursor) {
        var part = snapshots.list(repository.id(), new Page.Request(SNAPSHOTS, cursor));
        var known = now.hosts().stream()
                .collect(Collectors.toMap(
                        status -> status.host().hostname(), Function.identity(), (first, second) -> first));
        return new RepositoryScreen.Contents(
                part.items().stream()
                        .map(snapshot -> item(snapshot, Optional.ofNullable(known.get(snapshot.hostname()))))
                        .toList(),
                repository.snapshotCount(),
                part.nextCursor()
                        .map(next -> "/repositories/" + repository.id() + "?cursor=" + next + "#contents")
                        .orElse(""));
    }

    private static RepositoryScreen.Item item(Snapshot snapshot, Optional<HostStatus> host) {
        return new RepositoryScreen.Item(
                snapshot.id(),
                snapshot.shortId(),
                snapshot.time(),
                snapshot.hostname(),
                host.map(status -> status.host().id()),
                host.stream()
                        .flatMap(status -> status.schedules().stream())
                        .filter(schedule -> snapshot.tags().contains(Schedule.TAG_PREFIX + schedule.id()))
                        .map(ScheduleBrief::name)
                        .findFirst()
                        .orElse(""),
                snapshot.paths(),
                snapshot.totalBytes());
    }
}
