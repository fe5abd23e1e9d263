package io.resticfleet.server.status;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.drill.WeeklyDrillChange;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
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

/** The API of hosts, with data from other features. */
public final class HostRoutes {

    private static final String ONE = "/api/hosts/{host}";

    private final Hosts hosts;
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
    private final InstantSource clock;

    public HostRoutes(
            Hosts hosts,
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
            InstantSource clock) {
        this.hosts = hosts;
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
        this.clock = clock;
    }

    /**
     * Changes to a host; absent fields stay unchanged.
     *
     * @param repository replaces the whole repository, except for repo_password if it is absent; applies once the agent has
     *     opened it, or at once with {@code ?force=true}
     * @param weeklyDrill the drill that this server starts each week
     */
    record Patch(Optional<String> name, Optional<RepositoryBody> repository, Optional<WeeklyDrillChange> weeklyDrill) {}

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
        routes.get(ONE, Access.USER, "One host", ctx -> ctx.json(view(Requests.host(ctx))))
                .answers(200, HostView.class);
        routes.patch(
                        ONE,
                        Access.USER,
                        "Rename a host, change its repository and credentials, or its weekly drill",
                        this::patch)
                .queries(Query.oneOf("force", List.of("true", "false")))
                .takes(Patch.class)
                .answers(200, Patched.class);
        routes.delete(ONE, Access.USER, "Delete a host; its agent stops, its snapshots are kept", this::delete)
                .answers(204);
    }

    private void list(Context ctx) {
        var page = hosts.list(Page.Request.of(ctx));
        ctx.json(new Page<>(views(page.items()), page.nextCursor()));
    }

    private void patch(Context ctx) {
        var id = Requests.host(ctx);
        var patch = Requests.body(ctx, Patch.class);
        boolean force = Requests.query(ctx, "force").filter("true"::equals).isPresent();
        patch.weeklyDrill().ifPresent(WeeklyDrillChange::check);
        configs.change(
                Actor.of(ctx),
                id,
                patch.name(),
                patch.repository(),
                force ? HostConfigs.When.NOW : HostConfigs.When.OPENED);
        patch.weeklyDrill().ifPresent(change -> drills.change(Actor.of(ctx), id, change));
        ctx.json(new Patched(view(id), changes.find(id).map(RepositoryChanges.Pending::jobId)));
    }

    private void delete(Context ctx) {
        configs.delete(Actor.of(ctx), Requests.host(ctx));
        ctx.status(204);
    }

    private HostView view(HostId id) {
        return views(List.of(hosts.get(id))).get(0);
    }

    private List<HostView> views(List<Host> some) {
        var ids = some.stream().map(Host::id).toList();
        var scheduleVersions = versions.get(ids);
        var backups = jobs.lastBackups(ids);
        var urls = repositories.urls();
        var allowed = policies.all();
        var held = jobs.holdingRetention(ids);
        var recovery = recoveries.of(ids);
        var weekly = drills.weekly(ids);
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
                        now))
                .toList();
    }
}
