package io.resticfleet.faults;

import io.resticfleet.agent.EmbeddedAgent;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.EmbeddedServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.divergence.Decision;
import io.resticfleet.server.schedule.Naming;
import io.resticfleet.server.web.Problem;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/** An operator who creates, changes and runs schedules at random times, and may restore the database. */
final class Operator {

    private static final Actor ACTOR = Actor.local("operator");
    private static final Duration RETRY = Duration.ofMinutes(10);
    private static final List<String> ZONES = List.of(
            "UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata");

    private final Timeline timeline;
    private final ServerNode serverNode;
    private final History history;
    private final SplittableRandom random;
    private final List<SimSchedule> schedules = new ArrayList<>();
    private final Set<String> removed = new HashSet<>();
    private final boolean restores;
    private boolean stopped;

    Operator(Timeline timeline, ServerNode serverNode, History history, SplittableRandom random) {
        this.timeline = timeline;
        this.serverNode = serverNode;
        this.history = history;
        this.random = random;
        this.restores = random.nextInt(3) == 0;
    }

    List<SimSchedule> schedules() {
        return schedules;
    }

    void enrol(AgentNode node) {
        var keys = keys();
        serverNode.with(server -> server.db().change(tx -> {
            var request = new Enrollment.Request(
                    "",
                    Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()),
                    node.name(),
                    "linux",
                    "amd64",
                    "dev",
                    Optional.empty(),
                    Optional.of(node.zone().getId()),
                    Optional.empty());
            var host = server.hosts().add(tx, request, node.name());
            server.repositories()
                    .assign(
                            tx,
                            host.id(),
                            new Repository(
                                    new RepositoryUrl("sftp:nas:/srv/restic"),
                                    Optional.empty(),
                                    Optional.empty(),
                                    "secret"));
            node.enrol(new EmbeddedAgent.Enrolled(
                    host.id().value(),
                    host.hostname(),
                    Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded())));
        }));
        add(node, JobKind.BACKUP);
        add(node, JobKind.BACKUP);
        add(node, JobKind.PRUNE);
    }

    /** In some runs, deletes this machine on the server, whatever it does at that time. */
    void mayDelete(AgentNode node) {
        if (!restores && random.nextBoolean()) { // a restore would undo it
            timeline.after(Duration.ofMinutes(random.nextInt(1, 25_000)), () -> delete(node));
        }
    }

    private void delete(AgentNode node) {
        if (stopped || node.deleted()) {
            return;
        }
        serverNode.with(server -> {
            try {
                recordDone(() -> server.hosts().delete(ACTOR, new HostId(node.hostId())), () -> deleted(node));
            } catch (Problem e) {
                deleted(node); // by the last try, which seemed to fail
            } catch (StorageRefused e) {
                history.note("operator is refused: " + e.getMessage());
            }
        });
        timeline.after(RETRY, () -> delete(node));
    }

    private void deleted(AgentNode node) {
        history.note(node.name() + " was deleted on the server");
        node.delete();
        schedules.stream()
                .filter(schedule -> schedule.hostId().equals(node.hostId()))
                .forEach(schedule -> removed.add(schedule.scheduleId()));
    }

    /** Stops making changes. */
    void stop() {
        stopped = true;
        decide();
    }

    void start() {
        timeline.after(Duration.ofMinutes(random.nextInt(1, 2_000)), () -> {
            if (stopped) {
                return;
            }
            if (restores && random.nextInt(4) == 0) {
                copyAndRestore();
            } else if (serverNode.up()) {
                var present = schedules.stream()
                        .filter(schedule -> !removed.contains(schedule.scheduleId()))
                        .toList();
                var schedule = present.get(random.nextInt(present.size()));
                act(schedule);
                if (random.nextBoolean() && !restores) {
                    timeline.after(Duration.ofSeconds(random.nextInt(1, 300)), () -> changeAgain(schedule));
                }
            }
            start();
        });
    }

    /** Changes a schedule again shortly after, so that two versions are in transit. */
    private void changeAgain(SimSchedule schedule) {
        if (stopped || removed.contains(schedule.scheduleId())) {
            return;
        }
        serverNode.with(server -> {
            try {
                change(server, schedule, Optional.of(recurrence(zoneOf(server, schedule))));
            } catch (Problem | StorageRefused e) {
                history.note("operator is refused: " + e.getMessage());
            }
        });
    }

    private void act(SimSchedule schedule) {
        int action = random.nextInt(restores ? 4 : 0, 10); // a restore would undo the other actions
        history.note("operator " + action + " on " + schedule.scheduleId());
        serverNode.with(server -> {
            try {
                switch (action) {
                    case 0 -> change(server, schedule, Optional.of(recurrence(zoneOf(server, schedule))));
                    case 1 -> change(server, schedule, Optional.empty());
                    case 2 ->
                        change(
                                server,
                                schedule,
                                schedule.now().or(() -> Optional.of(recurrence(zoneOf(server, schedule)))));
                    case 3 -> replace(server, schedule);
                    case 4 -> cancel(server, schedule);
                    default ->
                        server.dispatcher()
                                .runSchedule(
                                        ACTOR, new HostId(schedule.hostId()), new ScheduleId(schedule.scheduleId()));
                }
            } catch (Problem | StorageRefused e) {
                history.note("operator is refused: " + e.getMessage());
            }
        });
    }

    /** Copies the database and later restores the copy; then decides about divergent schedules. */
    private void copyAndRestore() {
        if (!serverNode.up()) {
            return;
        }
        serverNode.copy();
        timeline.after(Duration.ofMinutes(random.nextInt(1, 3_000)), () -> {
            if (!stopped) {
                serverNode.restore();
                timeline.after(Duration.ofMinutes(random.nextInt(1, 1_000)), this::decide);
            }
        });
    }

    private void decide() {
        serverNode.with(server -> {
            if (!server.divergences().list().isEmpty()) {
                var decision = random.nextBoolean() ? Decision.PUSH : Decision.KEEP;
                try {
                    server.decisions().decideAll(ACTOR, decision);
                } catch (StorageRefused e) {
                    timeline.after(Duration.ofMinutes(10), this::decide);
                }
            }
        });
    }

    private void add(AgentNode node, JobKind kind) {
        serverNode.with(server -> add(server, node.hostId(), kind));
    }

    private void add(EmbeddedServer server, String hostId, JobKind kind) {
        var recurrence = recurrence(server.hosts().get(new HostId(hostId)).zone());
        var created = new AtomicReference<SimSchedule>();
        recordDone(
                () -> server.schedules().create(ACTOR, new HostId(hostId), Naming.NUMBER_TAKEN, id -> {
                    created.set(new SimSchedule(hostId, id.value(), kind));
                    return schedule(created.get(), Optional.of(recurrence), recurrence);
                }),
                () -> {
                    schedules.add(created.get());
                    note(created.get(), Optional.of(recurrence));
                });
    }

    private void change(EmbeddedServer server, SimSchedule schedule, Optional<Recurrence> recurrence) {
        recordDone(
                () -> server.schedules()
                        .update(
                                ACTOR,
                                new HostId(schedule.hostId()),
                                new ScheduleId(schedule.scheduleId()),
                                Naming.NUMBER_TAKEN,
                                before -> {
                                    var shown = recurrence.orElseGet(() -> recurrence(ZoneId.of("UTC")));
                                    return schedule(schedule, recurrence, shown);
                                }),
                () -> note(schedule, recurrence));
    }

    /** Deletes a schedule and creates another. */
    private void replace(EmbeddedServer server, SimSchedule schedule) {
        recordDone(
                () -> server.schedules()
                        .delete(ACTOR, new HostId(schedule.hostId()), new ScheduleId(schedule.scheduleId())),
                () -> {
                    note(schedule, Optional.empty());
                    removed.add(schedule.scheduleId());
                });
        add(server, schedule.hostId(), schedule.kind());
    }

    private void note(SimSchedule schedule, Optional<Recurrence> recurrence) {
        schedule.change(now(), recurrence);
        history.note("schedule " + schedule.scheduleId() + " now: " + recurrence);
    }

    /** Records an action, even if the server dies while informing an agent: the change was stored before. */
    private static void recordDone(Runnable action, Runnable note) {
        try {
            action.run();
        } catch (Killed e) {
            note.run();
            throw e;
        }
        note.run();
    }

    private static void cancel(EmbeddedServer server, SimSchedule schedule) {
        var open = server.db()
                .read(handle -> handle.createQuery(
                                "SELECT id FROM jobs WHERE schedule_id = ? AND status IN ('queued', 'running') ORDER BY id")
                        .bind(0, schedule.scheduleId())
                        .mapTo(String.class)
                        .list());
        open.forEach(id -> server.dispatcher().cancel(ACTOR, new JobId(id)));
    }

    private static ZoneId zoneOf(EmbeddedServer server, SimSchedule schedule) {
        return server.hosts().get(new HostId(schedule.hostId())).zone();
    }

    /** A random recurrence, in the host's zone or another. */
    private Recurrence recurrence(ZoneId hosts) {
        var zone = random.nextBoolean() ? hosts : ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        int every = new int[] {0, 0, 0, 0, 0, 0, 0, 60, 60, 30}[random.nextInt(10)];
        return new Recurrence(every, random.nextInt(5), random.nextInt(60), zone);
    }

    private static Schedule schedule(SimSchedule schedule, Optional<Recurrence> recurrence, Recurrence shown) {
        return new Schedule(
                new ScheduleId(schedule.scheduleId()),
                schedule.kind(),
                schedule.kind().word(),
                recurrence.isPresent(),
                false,
                Optional.of(shown.cron()),
                Optional.of(shown.zone().getId()),
                schedule.kind() == JobKind.BACKUP ? List.of("/etc") : List.of(),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    private Instant now() {
        return timeline.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519", e);
        }
    }
}
