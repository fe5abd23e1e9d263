package io.resticfleet.server.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.Repositories;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a host's schedules in this database by those that its agent has, after an operator has decided to keep them.
 */
public final class ScheduleAdoption {

    private static final Logger log = LoggerFactory.getLogger(ScheduleAdoption.class);

    /** Records no missed runs: the host ran by its own schedules all the time, and its agent reports those runs. */
    private static final Schedules.TimingEnd UNCHANGED_DUE_TIMES = (tx, host, schedule, since) -> {};

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final ScheduleVersions versions;
    private final Divergences divergences;
    private final Audit audit;
    private final Consumer<HostId> push;

    /** @param push sends a host its schedules and credentials, if it is connected */
    public ScheduleAdoption(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            ScheduleVersions versions,
            Divergences divergences,
            Audit audit,
            Consumer<HostId> push) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.versions = versions;
        this.divergences = divergences;
        this.audit = audit;
        this.push = push;
    }

    /**
     * Stores the schedules that an agent reports, if they were requested. Stores none of a set that has an invalid one.
     */
    public void onScheduleHeld(AgentConnection connection, ToServer.ScheduleHeld held) {
        var hostId = connection.hostId();
        boolean adopted = db.write(tx -> {
            var keptBy = divergences.keptBy(tx, hostId);
            if (keptBy.isEmpty()) {
                log.warn("agent reported its schedules without a request, ignored host={}", hostId);
                return false;
            }
            var problem = problem(tx, hostId, held);
            if (problem.isPresent()) {
                log.error("cannot adopt the schedules of a host host={}: {}", hostId, problem.get());
                divergences.reopen(tx, hostId, "the machine's schedules cannot be kept: " + problem.get());
                return false;
            }
            adopt(tx, Actor.local(keptBy.get()), hostId, held);
            return true;
        });
        if (adopted) {
            push.accept(hostId);
        }
    }

    private void adopt(Handle tx, Actor actor, HostId hostId, ToServer.ScheduleHeld held) {
        var before = schedules.all(tx, hostId);
        adoptRepositories(tx, actor, hostId, held);
        var after = schedules.replaceAll(tx, hosts.get(tx, hostId), held.schedules(), UNCHANGED_DUE_TIMES);
        versions.raisePast(tx, hostId, held.version());
        audit.record(tx, actor, "schedule.take_over", hostId, hostId, Map.of("before", before, "after", after));
        divergences.settle(tx, hostId);
    }

    private void adoptRepositories(Handle tx, Actor actor, HostId hostId, ToServer.ScheduleHeld held) {
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
        held.repositories().ifPresent(all -> repositories.adopt(tx, hostId, all));
    }

    private Optional<String> problem(Handle tx, HostId hostId, ToServer.ScheduleHeld held) {
        if (held.repositories().stream().flatMap(List::stream).anyMatch(one -> repositories.isOther(tx, hostId, one))) {
            return Optional.of("one of its repositories is known here at another location, or by another id");
        }
        var tooLarge = SetSize.of(new ToAgent.ScheduleSet(held.version(), held.schedules()))
                .problem();
        return tooLarge.isPresent() ? tooLarge : problemOfOne(tx, hostId, held);
    }

    private static Optional<String> problemOfOne(Handle tx, HostId hostId, ToServer.ScheduleHeld held) {
        var ids = new HashSet<ScheduleId>();
        for (var schedule : held.schedules()) {
            if (!ids.add(schedule.id())) {
                return Optional.of("two schedules have the same id");
            }
            if (tx.attach(ScheduleDao.class)
                    .owner(schedule.id())
                    .filter(owner -> !owner.equals(hostId))
                    .isPresent()) {
                return Optional.of("schedule " + schedule.id() + " belongs to another machine");
            }
            var repository = schedule.repositoryId();
            if (repository.isPresent()
                    && held.repositories().stream()
                            .flatMap(List::stream)
                            .noneMatch(one -> one.repositoryId().equals(repository.get()))) {
                return Optional.of("schedule " + schedule.id() + " is for a repository that the machine does not have");
            }
            var wrong = schedule.refusals();
            if (!wrong.isEmpty()) {
                return Optional.of(
                        "schedule " + schedule.id() + ": " + wrong.get(0).detail());
            }
        }
        return Optional.empty();
    }
}
