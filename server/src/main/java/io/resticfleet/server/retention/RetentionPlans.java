package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRow;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Which snapshots each schedule's policy keeps and removes now. Safe for use by many threads. */
public final class RetentionPlans {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final HostPolicies policies;
    private final ShrinkGuards guards;
    private final RetentionLedger ledger;
    private final SlotRetention rule = SlotRetention.standard();
    private final InstantSource clock;

    public RetentionPlans(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            HostPolicies policies,
            ShrinkGuards guards,
            RetentionLedger ledger,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.policies = policies;
        this.guards = guards;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** A policy that applies in place of a schedule's own, and since when. */
    record OtherPolicy(RetentionPolicy policy, Instant since) {}

    /** The plan of a schedule at a repository. */
    record Planned(ScheduleId scheduleId, RetentionPlan plan, List<RetentionLedger.Present> present) {

        /** This plan, of which only that is removed that another plan for the same snapshots removes, too. */
        Planned and(Planned other) {
            var keep = new HashMap<>(plan.keep());
            other.plan().keep().forEach(keep::putIfAbsent);
            var remove =
                    plan.remove().stream().filter(id -> !keep.containsKey(id)).toList();
            return new Planned(
                    scheduleId, new RetentionPlan(keep, remove, plan.held().or(other.plan()::held)), present);
        }

        /** Whether something can be removed that was not tried to be removed since. */
        boolean isDue(Instant since) {
            return plan.held().isEmpty()
                    && present.stream()
                            .filter(snapshot ->
                                    snapshot.removing().filter(since::isBefore).isEmpty())
                            .anyMatch(snapshot ->
                                    !plan.keep().containsKey(snapshot.sighting().snapshotId()));
        }
    }

    /**
     * The plan of a backup schedule; empty if its host uses no repository for it.
     *
     * @param policy to use in place of the schedule's own; absent for that
     */
    Optional<Planned> plan(Handle handle, HostId hostId, Schedule schedule, Optional<OtherPolicy> policy) {
        return repositories
                .pick(handle, hostId, schedule.repositoryId())
                .flatMap(used -> plan(handle, hostId, schedule, used.id(), policy));
    }

    private Optional<Planned> plan(
            Handle handle, HostId hostId, Schedule schedule, RepositoryId repositoryId, Optional<OtherPolicy> policy) {
        return planned(
                handle,
                new Subject(
                        hostId,
                        schedule.id(),
                        schedule.id(),
                        repositoryId,
                        runner(handle, hostId, repositoryId),
                        ledger.present(handle, repositoryId, schedule.id())),
                policy);
    }

    /**
     * What a plan is about.
     *
     * @param scheduleId the schedule whose snapshots they are
     * @param ruledBy the schedule whose policy applies: of copies, the copy schedule
     * @param runner the host that removes them
     * @param present the snapshots
     */
    private record Subject(
            HostId hostId,
            ScheduleId scheduleId,
            ScheduleId ruledBy,
            RepositoryId repositoryId,
            HostId runner,
            List<RetentionLedger.Present> present) {}

    private Optional<Planned> planned(Handle handle, Subject subject, Optional<OtherPolicy> policy) {
        var present = subject.present();
        var bindings = present.stream()
                .flatMap(snapshot -> snapshot.binding().stream())
                .toList();
        return ledger.find(handle, subject.scheduleId(), bindings).map(record -> {
            var situation = situation(handle, subject);
            var plan = policy.map(other -> rule.plan(record, other.policy(), other.since(), situation))
                    .orElseGet(() -> rule.plan(record, situation));
            return new Planned(subject.ruledBy(), explained(plan, present), present);
        });
    }

    private Situation situation(Handle handle, Subject subject) {
        var dao = handle.attach(RecordDao.class);
        var hostId = subject.hostId();
        var repositoryId = subject.repositoryId();
        var present = subject.present();
        var state = dao.state(subject.ruledBy());
        var alarms = new ArrayList<Hold>();
        schedules.waitsSince(handle, hostId).ifPresent(at -> alarms.add(new Hold(Hold.Cause.RESTORED, at)));
        dao.alarms(repositoryId).forEach(row -> alarms.add(new Hold(Hold.Cause.valueOf(row.cause()), row.sinceAt())));
        guards.held(handle, hostId, subject.scheduleId())
                .ifPresent(held -> alarms.add(
                        new Hold(Hold.Cause.SHRINK_GUARD, held.backup().finishedAt())));
        return new Situation(
                clock.instant(),
                present.stream().map(RetentionLedger.Present::sighting).toList(),
                floor(subject.runner()),
                alarms,
                Stream.of(subject.ruledBy(), subject.scheduleId())
                        .flatMap(id -> dao.state(id).stream())
                        .flatMap(one -> one.releasedAt().stream())
                        .max(Comparator.naturalOrder()),
                state.flatMap(RecordDao.StateRow::removedAt),
                dao.untrustedSince(hostId));
    }

    private RemovalFloor floor(HostId runner) {
        return policies.find(runner)
                .map(HostPolicy::rules)
                .flatMap(rules -> rules.leastKept())
                .map(least -> new RemovalFloor(least.count(), least.age().duration()))
                .orElse(RemovalFloor.DEFAULT);
    }

    /** Whether the owner of a machine allows that snapshots are removed by this server. */
    boolean allows(HostId runner) {
        return policies.find(runner)
                .flatMap(policy -> policy.rules().retention())
                .filter(RetentionRule.OFF::equals)
                .isEmpty();
    }

    /**
     * The plans for the copies in a repository, which are ruled by the policies of the copy schedules that make them. Of
     * several schedules that copy the same, each keeps what it wants.
     *
     * @param tried a policy for one of the schedules in place of its own; absent for none
     */
    private List<Planned> ofCopies(Handle handle, RepositoryId target, Optional<Tried> tried) {
        var dao = handle.attach(CopyDao.class);
        var bySource = dao.routes().stream()
                .filter(route -> route.target().equals(target))
                .collect(Collectors.groupingBy(CopyDao.Route::source, LinkedHashMap::new, Collectors.toList()));
        var plans = new ArrayList<Planned>();
        bySource.forEach((source, routes) -> {
            for (var scheduleId : dao.schedules(source, target)) {
                schedules.owner(handle, scheduleId).ifPresent(hostId -> {
                    var present = RetentionLedger.present(dao.present(scheduleId, source, target));
                    var runner = repositories.keeper(handle, target).orElse(hostId);
                    routes.stream()
                            .flatMap(route -> planned(
                                    handle,
                                    new Subject(hostId, scheduleId, route.scheduleId(), target, runner, present),
                                    tried.filter(one -> one.scheduleId().equals(route.scheduleId()))
                                            .map(Tried::policy)
                                            .or(() -> policyOf(handle, route.scheduleId())))
                                    .stream())
                            .reduce(Planned::and)
                            .ifPresent(plans::add);
                });
            }
        });
        return plans;
    }

    /** A policy that is tried for a schedule. */
    private record Tried(ScheduleId scheduleId, OtherPolicy policy) {}

    /** Says why each snapshot that does not count does not. */
    private static RetentionPlan explained(RetentionPlan plan, List<RetentionLedger.Present> present) {
        for (var snapshot : present) {
            if (snapshot.binding().isEmpty()) {
                var reason = snapshot.reason().orElse(Unknown.Reason.NO_RESULT);
                plan.keep().put(snapshot.sighting().snapshotId(), List.of("does not count: " + reason.text()));
            }
        }
        return plan;
    }

    /** The host that removes snapshots of a host's schedules from a repository: its maintainer, else that host. */
    HostId runner(Handle handle, HostId hostId, RepositoryId repositoryId) {
        return repositories
                .find(handle, repositoryId)
                .flatMap(RepositoryRow::maintainerHostId)
                .orElse(hostId);
    }

    /**
     * The plans that a host carries out at a repository: of its own schedules, or of all if it is its maintainer, and of
     * copies if it looks after the repository.
     */
    List<Planned> of(Handle handle, HostId runner, RepositoryId repositoryId) {
        var plans = new ArrayList<Planned>();
        for (var hostId : repositories.hosts(handle, repositoryId)) {
            if (runner(handle, hostId, repositoryId).equals(runner)) {
                plans.addAll(ofHost(handle, hostId, repositoryId, Optional.empty()));
            }
        }
        if (repositories.keeper(handle, repositoryId).equals(Optional.of(runner))) {
            plans.addAll(ofCopies(handle, repositoryId, Optional.empty()));
        }
        return plans;
    }

    /** @param policy to use in place of those of the schedules; absent for those */
    List<Planned> ofHost(Handle handle, HostId hostId, RepositoryId repositoryId, Optional<OtherPolicy> policy) {
        return schedules.all(handle, hostId).stream()
                .filter(schedule -> schedule.kind() == JobKind.BACKUP)
                .filter(schedule -> repositories
                        .pick(handle, hostId, schedule.repositoryId())
                        .map(HostRepository::id)
                        .equals(Optional.of(repositoryId)))
                .flatMap(schedule -> plan(handle, hostId, schedule, repositoryId, policy).stream())
                .toList();
    }

    /** The policy of a schedule; empty if it does not exist. */
    Optional<OtherPolicy> policyOf(Handle handle, ScheduleId scheduleId) {
        return ledger.find(handle, scheduleId, List.of())
                .map(record -> new OtherPolicy(
                        record.dueTimes().current().policy(), record.dueTimes().policySince()));
    }

    private static RetentionPreview preview(List<Planned> plans) {
        var keep = new ArrayList<RetentionPreview.Kept>();
        var remove = new ArrayList<RetentionPreview.Removed>();
        for (var one : plans) {
            for (var snapshot : one.present()) {
                var id = snapshot.sighting().snapshotId();
                var at = snapshot.binding()
                        .map(binding -> binding.slot().at())
                        .orElse(snapshot.sighting().time());
                var reasons = one.plan().keep().get(id);
                if (reasons == null) {
                    remove.add(new RetentionPreview.Removed(id, one.scheduleId(), at));
                } else {
                    var counts =
                            snapshot.binding().map(binding -> binding.trust().word());
                    keep.add(new RetentionPreview.Kept(id, reasons, one.scheduleId(), at, counts));
                }
            }
        }
        keep.sort(Comparator.comparing(RetentionPreview.Kept::at).reversed());
        remove.sort(Comparator.comparing(RetentionPreview.Removed::at).reversed());
        var held = plans.stream()
                .flatMap(one -> one.plan().held().stream())
                .findFirst()
                .map(hold -> new RetentionPreview.Held(hold.cause().text(), hold.since()));
        return new RetentionPreview(keep, remove, held);
    }

    /**
     * What a policy keeps and removes of the snapshots of each backup schedule of a host at one of its repositories.
     *
     * @param named the repository; absent for the host's default
     * @throws Problem 404
     */
    public RetentionPreview preview(HostId hostId, Optional<RepositoryId> named, RetentionPolicy policy) {
        var other = Optional.of(new OtherPolicy(policy, clock.instant()));
        return db.read(handle -> handle.inTransaction(tx -> {
            hosts.get(tx, hostId);
            return preview(repositories
                    .pick(tx, hostId, named)
                    .map(used -> ofHost(tx, hostId, used.id(), other))
                    .orElse(List.of()));
        }));
    }

    /**
     * What a policy keeps and removes of the snapshots of one schedule, or of each backup schedule of a host. Of a copy
     * schedule, its copies.
     *
     * @param tried absent for the policy of each schedule
     * @throws Problem 404
     */
    public RetentionPreview preview(
            Optional<HostId> host, Optional<ScheduleId> scheduleId, Optional<RetentionPolicy> tried) {
        var policy = tried.map(other -> new OtherPolicy(other, clock.instant()));
        return db.read(handle -> handle.inTransaction(tx -> {
            var hostId = host.or(() -> scheduleId.flatMap(id -> schedules.owner(tx, id)))
                    .orElseThrow(() -> Problem.notFound("schedule"));
            hosts.get(tx, hostId);
            var copy = scheduleId
                    .flatMap(id -> schedules.find(tx, hostId, id))
                    .filter(schedule -> schedule.kind() == JobKind.COPY);
            if (copy.isPresent()) {
                return preview(ofCopies(
                        tx,
                        copy.get().options().to().orElseThrow(),
                        policy.map(other -> new Tried(copy.get().id(), other))));
            }
            return preview(schedules.all(tx, hostId).stream()
                    .filter(schedule -> schedule.kind() == JobKind.BACKUP)
                    .filter(schedule -> scheduleId.isEmpty() || scheduleId.get().equals(schedule.id()))
                    .flatMap(schedule -> plan(tx, hostId, schedule, policy).stream())
                    .toList());
        }));
    }
}
