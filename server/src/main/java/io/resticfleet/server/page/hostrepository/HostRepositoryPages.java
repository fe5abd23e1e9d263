package io.resticfleet.server.page.hostrepository;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.JobFilter;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.page.repository.RepositoryForm;
import io.resticfleet.server.page.repository.RepositoryKind;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The repository tab of a host. */
public final class HostRepositoryPages {

    private static final String PATH = "/hosts/{host}/repository";
    private static final int CHART_POINTS = 180;

    /** How long the page names the last change. */
    private static final Duration SHOWN = Duration.ofDays(1);

    private static final List<JobKind> UPKEEP = List.of(JobKind.CHECK, JobKind.PRUNE, JobKind.FORGET, JobKind.UNLOCK);

    private final Html html;
    private final LivePages livePages;
    private final HostFrames frames;
    private final HostConfigs configs;
    private final Repositories repositories;
    private final RepositoryChanges changes;
    private final Jobs jobs;
    private final JobLines lines;
    private final HostRepositoryUses uses;

    public HostRepositoryPages(
            Html html,
            LivePages livePages,
            HostFrames frames,
            HostConfigs configs,
            Repositories repositories,
            RepositoryChanges changes,
            Jobs jobs,
            JobLines lines,
            HostRepositoryUses uses) {
        this.uses = uses;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.configs = configs;
        this.repositories = repositories;
        this.changes = changes;
        this.jobs = jobs;
        this.lines = lines;
    }

    public void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(PATH, Access.USER, this::change);
        routes.form(PATH + "/force", Access.USER, this::applyPending);
        routes.form(PATH + "/discard", Access.USER, this::discardPending);
    }

    private HostRepositoryScreen look(Context ctx) {
        var status = frames.status(ctx);
        var stored = stored(status.host().id());
        var form = Requests.query(ctx, "kind")
                .flatMap(RepositoryKind::find)
                .filter(kind -> kind != stored.kind())
                .map(RepositoryForm::empty)
                .orElse(stored);
        return screen(ctx, status, form, Map.of());
    }

    private RepositoryForm stored(HostId hostId) {
        return repositories
                .find(hostId)
                .map(RepositoryForm::of)
                .or(() -> repositories.url(hostId).map(RepositoryForm::of))
                .orElse(RepositoryForm.empty(RepositoryKind.REST));
    }

    private void change(Context ctx) {
        var status = frames.status(ctx);
        var form = RepositoryForm.typed(field -> Requests.field(ctx, field));
        try {
            configs.change(
                    Actor.of(ctx),
                    status.host().id(),
                    Optional.empty(),
                    Optional.of(form.body(repositories.find(status.host().id()))),
                    HostConfigs.When.OPENED);
            var path = "/hosts/" + status.host().id() + "/repository";
            if (changes.find(status.host().id()).isPresent()) {
                Redirects.to(ctx, path);
            } else {
                Redirects.saved(ctx, path);
            }
        } catch (Problem e) {
            ctx.status(e.status());
            var screen = screen(ctx, status, form, form.wrong(e));
            html.answer(ctx, screen.template(), screen);
        }
    }

    private void applyPending(Context ctx) {
        configs.applyPending(Actor.of(ctx), Requests.host(ctx));
        Redirects.saved(ctx, "/hosts/" + Requests.host(ctx) + "/repository");
    }

    private void discardPending(Context ctx) {
        configs.discardPending(Actor.of(ctx), Requests.host(ctx));
        Redirects.to(ctx, "/hosts/" + Requests.host(ctx) + "/repository");
    }

    private HostRepositoryScreen.Change change(HostStatus status, Instant now) {
        var hostId = status.host().id();
        var pending =
                changes.find(hostId).filter(change -> !change.test()).map(change -> pending(change, status.presence()));
        var applied = configs.lastChange(hostId, now.minus(SHOWN))
                .filter(change -> pending.isEmpty())
                .map(change -> new HostRepositoryScreen.Applied(
                        repositories.url(hostId).orElse(""), change.at(), change.by()));
        return new HostRepositoryScreen.Change(hostId, pending, applied);
    }

    private HostRepositoryScreen.Pending pending(RepositoryChanges.Pending change, Presence presence) {
        var probe = jobs.find(change.jobId());
        return new HostRepositoryScreen.Pending(
                change.url(),
                change.jobId(),
                probe.filter(job -> job.status().ended()).isPresent(),
                probe.filter(job -> job.status() == JobStatus.SUCCEEDED).isPresent(),
                probe.flatMap(Job::error)
                        .or(() -> probe.flatMap(Job::waitingFor))
                        .orElse(""),
                presence == Presence.ONLINE,
                change.usedId());
    }

    private HostRepositoryScreen screen(
            Context ctx, HostStatus status, RepositoryForm form, Map<String, String> wrong) {
        var host = frames.of(ctx, status, "repository", "");
        var viewer = host.frame().viewer();
        var upkeep = new HostRepositoryScreen.Upkeep(
                host.hostId(), status.presence() == Presence.ONLINE, lines.of(lastOfEach(host.hostId())));
        return new HostRepositoryScreen(
                host,
                form,
                wrong,
                uses.of(host.hostId()),
                new Fragment<>("change", "hostrepository/change.jte", change(status, viewer.now()), viewer),
                new Fragment<>("upkeep", "hostrepository/upkeep.jte", upkeep, viewer),
                growth(host.hostId()));
    }

    private List<Job> lastOfEach(HostId hostId) {
        return UPKEEP.stream()
                .flatMap(kind -> newest(hostId, kind, Optional.empty(), 1).stream())
                .toList();
    }

    private HostRepositoryScreen.Growth growth(HostId hostId) {
        var points = new ArrayList<HostRepositoryScreen.Point>();
        var backups = newest(hostId, JobKind.BACKUP, Optional.of(JobStatus.SUCCEEDED), CHART_POINTS);
        var names = lines.of(backups).stream().collect(Collectors.toMap(JobLine::id, JobLine::schedule));
        for (var job : backups) {
            var name = names.get(job.id());
            job.backupResult()
                    .ifPresent(figures -> points.add(new HostRepositoryScreen.Point(
                            job.finishedAt().orElse(job.createdAt()),
                            name.isEmpty() ? "deleted schedule" : name,
                            figures.totalBytesProcessed(),
                            figures.dataAdded())));
        }
        Collections.reverse(points);
        points.sort(Comparator.comparing(HostRepositoryScreen.Point::at));
        return new HostRepositoryScreen.Growth(points, StoredJson.write(HostRepositoryScreen.Chart.of(points)));
    }

    private List<Job> newest(HostId hostId, JobKind kind, Optional<JobStatus> status, int limit) {
        return jobs.list(
                        new JobFilter(Optional.of(hostId.value()), Optional.of(kind), status, Optional.empty()),
                        new Page.Request(limit, Optional.empty()))
                .items();
    }
}
