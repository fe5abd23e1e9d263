package io.resticfleet.server.status;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.drill.WeeklyDrillChange;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.ExpectationsChange;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.host.UntilAndReason;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** The API of hosts, with data from other features. */
public final class HostRoutes {

    private static final String ONE = "/api/hosts/{host}";

    private final Database db;
    private final Hosts hosts;
    private final Expectations expectations;
    private final HostSilences silences;
    private final Pauses pauses;
    private final HostUsage usage;
    private final HostConfigs configs;
    private final Repositories repositories;
    private final RepositoryChanges changes;
    private final HostPolicies policies;
    private final ScheduleVersions versions;
    private final Jobs jobs;
    private final Agents agents;
    private final Drills drills;
    private final Recoveries recoveries;
    private final BiFunction<Context, HostId, Optional<String>> badgeUrl;
    private final InstantSource clock;

    /** @param badgeUrl of a host's badge, with its key; empty if there is none at present */
    public HostRoutes(
            Database db,
            Hosts hosts,
            Expectations expectations,
            HostSilences silences,
            Pauses pauses,
            HostUsage usage,
            HostConfigs configs,
            Repositories repositories,
            RepositoryChanges changes,
            HostPolicies policies,
            ScheduleVersions versions,
            Jobs jobs,
            Agents agents,
            Drills drills,
            Recoveries recoveries,
            BiFunction<Context, HostId, Optional<String>> badgeUrl,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.expectations = expectations;
        this.silences = silences;
        this.pauses = pauses;
        this.usage = usage;
        this.changes = changes;
        this.policies = policies;
        this.configs = configs;
        this.repositories = repositories;
        this.versions = versions;
        this.jobs = jobs;
        this.agents = agents;
        this.drills = drills;
        this.recoveries = recoveries;
        this.badgeUrl = badgeUrl;
        this.clock = clock;
    }

    /**
     * Changes to a host; absent fields stay unchanged.
     *
     * @param repository replaces the whole repository, except for repo_password if it is absent; applies once the agent has
     *     opened it, or at once with {@code ?force=true}
     * @param weeklyDrill the drill that this server starts each week
     * @param comesAndGoes whether it may be away, or miss due times, as a laptop
     * @param staleAfterDays days without a good backup that are too many, 1 to 365; 0 for none
     */
    record Patch(
            Optional<String> name,
            Optional<RepositoryBody> repository,
            Optional<WeeklyDrillChange> weeklyDrill,
            Optional<Boolean> comesAndGoes,
            Optional<Integer> staleAfterDays) {}

    /**
     * A changed host.
     *
     * @param pendingJobId the job that tries the new repository, which applies once the agent has opened it; null if no change
     *     is pending
     */
    record Patched(@JsonUnwrapped HostView host, Optional<JobId> pendingJobId) {}

    public void install(Routes routes) {
        routes.get("/api/hosts", Access.USER, "All hosts, in order of enrolment", this::list)
                .answersPageOf(HostView.class);
        routes.get(ONE, Access.USER, "One host", ctx -> ctx.json(view(ctx, Requests.host(ctx))))
                .answers(200, HostView.class);
        routes.patch(
                        ONE,
                        Access.USER,
                        "Rename a host, change its repository and credentials, its weekly drill, or what is expected of it",
                        this::patch)
                .queries(Query.oneOf("force", List.of("true", "false")))
                .takes(Patch.class)
                .answers(200, Patched.class);
        routes.delete(ONE, Access.USER, "Delete a host; its agent stops, its snapshots are kept", this::delete)
                .answers(204);
        routes.post(
                        ONE + "/silence",
                        Access.USER,
                        "Announce nothing of a host, while everything runs; a further call changes the end and the reason",
                        this::silence)
                .takesOptionally(UntilAndReason.class)
                .answers(200, HostView.class);
        routes.delete(ONE + "/silence", Access.USER, "End the silence of a host", this::endSilence)
                .answers(200, HostView.class);
        routes.post(
                        ONE + "/pause",
                        Access.USER,
                        "Run no schedule of a host; a further call changes the end and the reason. Jobs that somebody starts run",
                        this::pause)
                .takesOptionally(UntilAndReason.class)
                .answers(200, HostView.class);
        routes.post(ONE + "/resume", Access.USER, "End the pause of a host", this::resume)
                .answers(200, HostView.class);
    }

    private void list(Context ctx) {
        var page = hosts.list(Page.Request.of(ctx));
        ctx.json(new Page<>(views(ctx, page.items()), page.nextCursor()));
    }

    private void patch(Context ctx) {
        var id = Requests.host(ctx);
        var patch = Requests.body(ctx, Patch.class);
        boolean force = Requests.query(ctx, "force").filter("true"::equals).isPresent();
        patch.weeklyDrill().ifPresent(WeeklyDrillChange::check);
        var expected = new ExpectationsChange(patch.comesAndGoes(), patch.staleAfterDays());
        configs.change(
                Actor.of(ctx),
                id,
                patch.name(),
                patch.repository(),
                force ? HostConfigs.When.NOW : HostConfigs.When.OPENED);
        patch.weeklyDrill().ifPresent(change -> drills.change(Actor.of(ctx), id, change));
        expectations.change(Actor.of(ctx), id, expected);
        ctx.json(new Patched(view(ctx, id), changes.find(id).map(RepositoryChanges.Pending::jobId)));
    }

    private void delete(Context ctx) {
        configs.delete(Actor.of(ctx), Requests.host(ctx));
        ctx.status(204);
    }

    private void silence(Context ctx) {
        var id = Requests.host(ctx);
        silences.silence(Actor.of(ctx), id, untilAndReason(ctx));
        ctx.json(view(ctx, id));
    }

    private void endSilence(Context ctx) {
        var id = Requests.host(ctx);
        silences.end(Actor.of(ctx), id);
        ctx.json(view(ctx, id));
    }

    private void pause(Context ctx) {
        var id = Requests.host(ctx);
        pauses.pause(Actor.of(ctx), id, untilAndReason(ctx));
        configs.push(id);
        ctx.json(view(ctx, id));
    }

    private void resume(Context ctx) {
        var id = Requests.host(ctx);
        pauses.resume(Actor.of(ctx), id);
        configs.push(id);
        ctx.json(view(ctx, id));
    }

    private static UntilAndReason untilAndReason(Context ctx) {
        return ctx.bodyAsBytes().length == 0 ? UntilAndReason.NONE : Requests.body(ctx, UntilAndReason.class);
    }

    private Optional<String> pauseWarning(HostId id) {
        if (!agents.connected(id)) {
            return Optional.of(
                    "its agent is not connected: if it does not know of the pause yet, its schedules run until it"
                            + " connects");
        }
        return agents.supports(id, Protocol.PAUSE)
                ? Optional.empty()
                : Optional.of("its agent is too old to know of pauses: while it is not connected to this server, its"
                        + " schedules run");
    }

    private HostView view(Context ctx, HostId id) {
        return views(ctx, List.of(hosts.get(id))).get(0);
    }

    private List<HostView> views(Context ctx, List<Host> some) {
        var ids = some.stream().map(Host::id).toList();
        var scheduleVersions = versions.get(ids);
        var backups = jobs.lastBackups(ids);
        var urls = repositories.urls();
        var allowed = policies.all();
        var held = jobs.holdingRetention(ids);
        var recovery = recoveries.of(ids);
        var weekly = drills.weekly(ids);
        var expected = db.read(handle -> expectations.of(handle, ids));
        var silenced = db.read(handle -> silences.of(handle, ids));
        var paused = db.read(handle -> pauses.of(handle, ids));
        var now = clock.instant();
        var quotas = usage.today(some.stream().map(Host::id).toList());
        return some.stream()
                .map(host -> HostView.of(
                        host,
                        Presence.of(host, agents),
                        scheduleVersions.get(host.id()),
                        Optional.ofNullable(urls.get(host.id())),
                        Optional.ofNullable(backups.get(host.id())),
                        agents.clones().of(host.id()),
                        agents.exposed(host.id()),
                        Optional.ofNullable(allowed.get(host.id())),
                        quotas.get(host.id()),
                        held.getOrDefault(host.id(), List.of()),
                        recovery.get(host.id()),
                        weekly.get(host.id()),
                        expected.get(host.id()),
                        Optional.ofNullable(silenced.get(host.id())),
                        Optional.ofNullable(paused.get(host.id())),
                        Optional.ofNullable(paused.get(host.id())).flatMap(pause -> pauseWarning(host.id())),
                        badgeUrl.apply(ctx, host.id()),
                        now))
                .toList();
    }
}
