package io.resticfleet.server.schedule;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedules of each host, and whether its agent applies them.
 *
 * <p>Every change raises the host's version by one in its own transaction, and pushes the host's whole set. An agent
 * that misses the push receives the set at its next hello; until it acknowledges that version, the host has drifted.
 */
public final class Schedules {

    private static final Logger log = LoggerFactory.getLogger(Schedules.class);

    private final Database db;
    private final Hosts hosts;
    private final ScheduleVersions versions;
    private final Divergences divergences;
    private final TimingEnd timingEnd;
    private final Agents agents;
    private final WithheldSchedules withheld;
    private final Audit audit;
    private final InstantSource clock;

    public Schedules(
            Database db,
            Hosts hosts,
            ScheduleVersions versions,
            Divergences divergences,
            TimingEnd timingEnd,
            Agents agents,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.versions = versions;
        this.divergences = divergences;
        this.timingEnd = timingEnd;
        this.agents = agents;
        this.withheld = new WithheldSchedules(agents);
        this.audit = audit;
        this.clock = clock;
    }

    /** Handles the due times of a schedule that is deleted or changes its timing. */
    public interface TimingEnd {

        /**
         * Called in the transaction of the change, before the change.
         *
         * @param since when the schedule got its present timing
         */
        void of(Handle tx, Host host, Schedule schedule, Instant since);
    }

    /** A consistent view of a host's schedules and their version. */
    public record Envelope(long version, long appliedVersion, Optional<String> refused, List<Schedule> schedules) {}

    /** @throws Problem 404 if there is no such host */
    public Envelope list(HostId hostId) {
        return db.read(handle -> {
            hosts.get(handle, hostId);
            return handle.inTransaction(tx -> {
                var version = versions.get(tx, hostId);
                return new Envelope(
                        version.version(),
                        version.appliedVersion(),
                        version.refused(),
                        tx.attach(ScheduleDao.class).list(hostId));
            });
        });
    }

    /** @throws Problem 404 */
    public Schedule get(HostId hostId, ScheduleId id) {
        return db.read(handle -> get(handle, hostId, id));
    }

    /** @throws Problem 404 */
    public Schedule get(Handle handle, HostId hostId, ScheduleId id) {
        hosts.get(handle, hostId);
        return find(handle, hostId, id).orElseThrow(() -> Problem.notFound("schedule " + id + " on host " + hostId));
    }

    /** The host of a schedule; empty if there is no such schedule. */
    public Optional<HostId> owner(Handle handle, ScheduleId id) {
        return handle.attach(ScheduleDao.class).owner(id);
    }

    public Optional<Schedule> find(Handle handle, HostId hostId, ScheduleId id) {
        return handle.attach(ScheduleDao.class).find(hostId, id);
    }

    /** A host's schedules, oldest first. */
    public List<Schedule> all(Handle handle, HostId hostId) {
        return handle.attach(ScheduleDao.class).list(hostId);
    }

    /** Schedules of these hosts, oldest first. */
    public List<ScheduleBrief> briefs(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty() ? List.of() : handle.attach(ScheduleDao.class).briefs(hostIds);
    }

    /** Names of these schedules by id, without those that were deleted. */
    public Map<ScheduleId, String> names(Handle handle, Collection<ScheduleId> ids) {
        return ids.isEmpty() ? Map.of() : handle.attach(ScheduleDao.class).names(ids);
    }

    /** When a schedule got its present timing. */
    public Instant timedSince(Handle handle, ScheduleId id) {
        return handle.attach(ScheduleDao.class).timedSince(id);
    }

    /**
     * Adds a schedule.
     *
     * @param make creates the schedule with the new id
     * @throws Problem 404 if there is no such host, or 409 {@code name_taken}, {@code set_too_large} or {@code agent_too_old}
     */
    public Schedule create(Actor actor, HostId hostId, Naming naming, Function<ScheduleId, Schedule> make) {
        var valid = make.apply(new ScheduleId(db.newId()));
        return change(hostId, tx -> {
            var schedule = named(tx, hostId, naming, valid);
            refuseIfAgentTooOld(hostId, schedule);
            ScheduleRepositories.check(tx, hostId, schedule);
            insert(tx, hostId, schedule);
            audit.record(tx, actor, "schedule.create", hostId, schedule.id(), Map.of("after", schedule));
            return schedule;
        });
    }

    /** The manual backup that an enrolment token requests. */
    public static Schedule initial(ScheduleId id, List<String> paths) {
        return new Schedule(
                id,
                JobKind.BACKUP,
                "manual",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                paths,
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    /** Adds the manual backup that an enrolment token requests, in the transaction that adds its host. */
    public void createInitial(Handle tx, Actor actor, HostId hostId, List<String> paths) {
        var schedule = initial(new ScheduleId(db.newId()), paths);
        versions.raise(tx, hostId);
        insert(tx, hostId, schedule);
        audit.record(tx, actor, "schedule.create", hostId, schedule.id(), Map.of("after", schedule));
    }

    /**
     * Replaces a schedule, except for its id and kind.
     *
     * @param make receives the current schedule, within the transaction; must only compare and copy, as requests are
     *     validated before
     * @throws Problem 404, or 409 {@code kind_immutable}, {@code name_taken}, {@code set_too_large} or {@code agent_too_old}
     */
    public Schedule update(
            Actor actor, HostId hostId, ScheduleId id, Naming naming, Function<Schedule, Schedule> make) {
        return change(hostId, tx -> {
            var before = get(tx, hostId, id);
            var after = named(tx, hostId, naming, make.apply(before));
            if (after.kind() != before.kind()) {
                throw kindImmutable(before.kind(), after.kind().word());
            }
            if (!after.hooks().equals(before.hooks())) {
                refuseIfAgentTooOld(hostId, after);
            }
            ScheduleRepositories.check(tx, hostId, after);
            boolean retimed = !timing(before).equals(timing(after));
            if (retimed) {
                timingEnd.of(tx, hosts.get(tx, hostId), before, timedSince(tx, id));
            }
            tx.attach(ScheduleDao.class).update(hostId, after, clock.instant());
            if (retimed) {
                tx.attach(ScheduleDao.class).timed(id, clock.instant());
            }
            audit.record(tx, actor, "schedule.update", hostId, id, Map.of("before", before, "after", after));
            return after;
        });
    }

    /**
     * Records that a run of a schedule was meant as it is, and sends that to the agent.
     *
     * @throws Problem 404 if there is no such schedule
     */
    public Schedule accept(Actor actor, HostId hostId, ScheduleId id, JobId jobId) {
        return change(hostId, tx -> {
            var schedule = get(tx, hostId, id);
            tx.attach(ScheduleDao.class).accept(id, jobId);
            audit.record(tx, actor, "schedule.accept", hostId, id, Map.of("job_id", jobId));
            return schedule;
        });
    }

    /** The last accepted run of a schedule. */
    public Optional<JobId> acceptedRun(Handle handle, ScheduleId id) {
        return handle.attach(ScheduleDao.class).acceptedRun(id);
    }

    /** An agent refuses its whole set for a schedule that it does not accept. */
    private void refuseIfAgentTooOld(HostId hostId, Schedule schedule) {
        boolean tooOld = agents.find(hostId)
                .filter(agent -> !agent.supports(Protocol.HOOKS_OF_ALL_KINDS))
                .isPresent();
        if (tooOld && needsHooksOfAllKinds(schedule.kind(), schedule.hooks())) {
            throw Problem.conflict(
                    "agent_too_old",
                    "this host's agent accepts hooks on backups only, and would refuse all its schedules; update the agent"
                            + " first");
        }
    }

    /** Whether a schedule is not sent, as the host's agent is too old for it. */
    public boolean isWithheld(Handle handle, HostId hostId, Schedule schedule) {
        return withheld.isWithheld(handle, hostId, schedule);
    }

    /** Whether an agent must support {@link Protocol#HOOKS_OF_ALL_KINDS} to accept these hooks. */
    static boolean needsHooksOfAllKinds(JobKind kind, Hooks hooks) {
        return kind != JobKind.BACKUP && !hooks.isEmpty();
    }

    static Problem kindImmutable(JobKind kind, String wanted) {
        return Problem.conflict(
                "kind_immutable",
                "the kind of this schedule is " + kind.word() + " and cannot change; create another for " + wanted);
    }

    /** @throws Problem 404 */
    public void delete(Actor actor, HostId hostId, ScheduleId id) {
        change(hostId, tx -> {
            var before = get(tx, hostId, id);
            timingEnd.of(tx, hosts.get(tx, hostId), before, timedSince(tx, id));
            tx.attach(ScheduleDao.class).delete(hostId, id);
            audit.record(tx, actor, "schedule.delete", hostId, id, Map.of("before", before));
            return before;
        });
    }

    /**
     * Replaces a host's schedules by these, within the caller's transaction: deletes the others, updates those
     * with the same id and kind, and raises the version by one. The caller pushes them after the commit.
     *
     * @param desired valid schedules; of several with one name, all but the first get a number
     * @param timingEnd called for each schedule that is deleted or changes its timing
     * @return the host's schedules, as stored
     */
    public List<Schedule> replaceAll(Handle tx, Host host, List<Schedule> desired, TimingEnd timingEnd) {
        var stored = new ScheduleReplacement(tx, host, timingEnd, clock.instant()).apply(desired);
        versions.raise(tx, host.id());
        return stored;
    }

    /** Since when nothing may be pushed to this host, see {@link Divergences}; empty if pushes are allowed. */
    public Optional<Instant> waitsSince(Handle handle, HostId hostId) {
        return divergences.waitsSince(handle, hostId);
    }

    /** @throws Problem 409 {@code restored_undecided} if nothing may be pushed to this host */
    public void refuseWhileWaiting(Handle handle, HostId hostId) {
        divergences.refuseWhileWaiting(handle, hostId);
    }

    /** Sends a host its whole schedule set, if it is connected. */
    public void push(HostId hostId) {
        db.read(handle -> waitsSince(handle, hostId).isPresent()
                        ? Optional.<ToAgent.ScheduleSet>empty()
                        : Optional.of(handle.inTransaction(tx -> withheld.sent(tx, hostId, set(tx, hostId)))))
                .ifPresent(set -> agents.send(hostId, set));
    }

    /**
     * Records the version that a newly connected agent applies, and sends it the schedule set on its connection. If the
     * agent may know more than this database, sends it no schedules, at most a request for its own.
     */
    public void onHello(AgentConnection connection, Hello hello) {
        var hostId = connection.hostId();
        db.<Optional<? extends ToAgent>>write(tx -> {
                    boolean waits = waitsSince(tx, hostId).isPresent();
                    if (!waits) {
                        versions.raisePast(
                                tx, hostId, hello.scheduleVersion()); // it was enrolled with another server before
                    }
                    versions.applies(tx, hostId, hello.scheduleVersion(), clock.instant());
                    return waits
                            ? divergences.question(tx, hostId)
                            : Optional.of(withheld.sent(tx, hostId, set(tx, hostId), Optional.of(connection)));
                })
                .ifPresent(connection::send);
    }

    /** Records an agent's acknowledgement: the version it applies, or why it rejected the newest one. */
    public void acked(AgentConnection connection, ToServer.ScheduleAck ack) {
        ack.refused()
                .ifPresent(reason -> log.warn(
                        "agent rejected its schedules host={} applied={}: {}",
                        connection.hostId(),
                        ack.version(),
                        reason));
        db.change(tx -> versions.acked(tx, connection.hostId(), ack, clock.instant()));
    }

    /** Edits, raises the version and reads the set in one transaction; sends the set to the agent after the commit. */
    private Schedule change(HostId hostId, Function<Handle, Schedule> edit) {
        var changed = db.write(tx -> {
            hosts.get(tx, hostId);
            refuseWhileWaiting(tx, hostId);
            var before = set(tx, hostId);
            versions.raise(tx, hostId);
            var edited = edit.apply(tx);
            var after = set(tx, hostId);
            SetSize.of(after).refuseIfTooLarge(SetSize.of(before));
            return Map.entry(edited, withheld.sent(tx, hostId, after));
        });
        agents.send(hostId, changed.getValue());
        return changed.getKey();
    }

    /** The fields that determine due times. */
    static List<Object> timing(Schedule schedule) {
        return List.of(schedule.enabled(), schedule.manual(), schedule.cron(), schedule.timeZone());
    }

    private static Schedule named(Handle tx, HostId hostId, Naming naming, Schedule schedule) {
        var taken = tx.attach(ScheduleDao.class).namesExcept(hostId, schedule.id());
        return schedule.withName(naming.name(schedule.name(), taken));
    }

    private void insert(Handle tx, HostId hostId, Schedule schedule) {
        tx.attach(ScheduleDao.class).insert(hostId, schedule, clock.instant());
    }

    private ToAgent.ScheduleSet set(Handle tx, HostId hostId) {
        var accepted = tx.attach(ScheduleDao.class).acceptedRuns(hostId);
        return new ToAgent.ScheduleSet(
                versions.get(tx, hostId).version(),
                all(tx, hostId),
                Optional.of(accepted).filter(runs -> !runs.isEmpty()));
    }
}
