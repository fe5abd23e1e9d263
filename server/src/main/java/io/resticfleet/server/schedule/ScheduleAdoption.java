package io.resticfleet.server.schedule;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.Repositories;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a machine's own schedules those of this server, after an operator has decided to keep them. */
public final class ScheduleAdoption {

    private static final Logger log = LoggerFactory.getLogger(ScheduleAdoption.class);

    private final Database db;
    private final Repositories repositories;
    private final ScheduleVersions versions;
    private final Divergences divergences;
    private final Audit audit;
    private final InstantSource clock;
    private final Consumer<String> push;

    /** @param push sends a host its schedules and credentials, if it is connected */
    public ScheduleAdoption(
            Database db,
            Repositories repositories,
            ScheduleVersions versions,
            Divergences divergences,
            Audit audit,
            InstantSource clock,
            Consumer<String> push) {
        this.db = db;
        this.repositories = repositories;
        this.versions = versions;
        this.divergences = divergences;
        this.audit = audit;
        this.clock = clock;
        this.push = push;
    }

    /** An agent says what it holds. It counts only if it was asked; what cannot be stored is refused whole. */
    public void held(AgentConnection connection, ToServer.ScheduleHeld held) {
        var hostId = connection.hostId();
        boolean taken = db.write(tx -> {
            var keptBy = divergences.keptBy(tx, hostId);
            if (keptBy.isEmpty()) {
                log.warn("an agent told its schedules and was not asked, ignored host={}", hostId);
                return false;
            }
            var problem = problem(tx, hostId, held.schedules());
            if (problem.isPresent()) {
                log.error("schedules of a machine cannot be taken over host={}: {}", hostId, problem.get());
                divergences.reopen(tx, hostId, "the machine's schedules cannot be kept: " + problem.get());
                return false;
            }
            adopt(tx, Actor.local(keptBy.get()), hostId, held);
            return true;
        });
        if (taken) {
            push.accept(hostId);
        }
    }

    private void adopt(Handle tx, Actor actor, String hostId, ToServer.ScheduleHeld held) {
        var dao = tx.attach(ScheduleDao.class);
        var before = dao.list(hostId);
        var byId = before.stream().collect(Collectors.toMap(Schedule::id, Function.identity()));
        var kept = held.schedules().stream().collect(Collectors.toMap(Schedule::id, Function.identity()));
        for (var schedule : before) {
            if (!kept.containsKey(schedule.id()) || kept.get(schedule.id()).kind() != schedule.kind()) {
                dao.delete(hostId, schedule.id());
                byId.remove(schedule.id());
            }
        }
        for (var schedule : held.schedules()) {
            store(dao, hostId, Optional.ofNullable(byId.get(schedule.id())), schedule);
        }
        versions.raise(tx, hostId);
        versions.raisePast(tx, hostId, held.version());
        audit.record(
                tx, actor, "schedule.take_over", hostId, hostId, Map.of("before", before, "after", held.schedules()));
        held.repository()
                .filter(repository -> !repositories.find(tx, hostId).equals(Optional.of(repository)))
                .ifPresent(repository -> {
                    repositories.assign(tx, hostId, repository);
                    audit.record(
                            tx,
                            actor,
                            "host.repository",
                            hostId,
                            hostId,
                            Map.of("repository", repository.url().value()));
                });
        divergences.settle(tx, hostId);
    }

    private void store(ScheduleDao dao, String hostId, Optional<Schedule> before, Schedule schedule) {
        var now = clock.instant();
        if (before.isEmpty()) {
            dao.insert(hostId, schedule, now);
            return;
        }
        dao.update(hostId, schedule, now);
        if (!Schedules.timing(before.get()).equals(Schedules.timing(schedule))) {
            dao.timed(schedule.id(), now);
        }
    }

    private static Optional<String> problem(Handle tx, String hostId, List<Schedule> schedules) {
        var ids = new HashSet<String>();
        for (var schedule : schedules) {
            if (!Ulid.isValid(schedule.id()) || !ids.add(schedule.id())) {
                return Optional.of("a schedule's id is not a ULID, or comes twice");
            }
            if (tx.attach(ScheduleDao.class)
                    .owner(schedule.id())
                    .filter(owner -> !owner.equals(hostId))
                    .isPresent()) {
                return Optional.of("schedule " + schedule.id() + " is another machine's");
            }
            var wrong = schedule.violations();
            if (!wrong.isEmpty()) {
                return Optional.of(
                        "schedule " + schedule.id() + ": " + wrong.get(0).detail());
            }
        }
        return Optional.empty();
    }
}
