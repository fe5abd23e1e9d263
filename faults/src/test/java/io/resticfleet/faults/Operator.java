package io.resticfleet.faults;

import io.resticfleet.agent.AgentInSteps;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.ServerInSteps;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.divergence.Decision;
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

/** Whoever uses the server: makes schedules, changes them, and runs them at odd times. */
final class Operator {

    private static final Actor ACTOR = Actor.local("operator");
    private static final List<String> ZONES = List.of(
            "UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata");

    private final Timeline timeline;
    private final Headquarters headquarters;
    private final Witness witness;
    private final SplittableRandom chance;
    private final List<Plan> plans = new ArrayList<>();
    private final Set<String> removed = new HashSet<>();
    private final boolean restores;
    private boolean rests;

    Operator(Timeline timeline, Headquarters headquarters, Witness witness, SplittableRandom chance) {
        this.timeline = timeline;
        this.headquarters = headquarters;
        this.witness = witness;
        this.chance = chance;
        this.restores = chance.nextInt(3) == 0;
    }

    List<Plan> plans() {
        return plans;
    }

    void enrol(Machine machine) {
        var keys = keys();
        headquarters.with(server -> server.db().change(tx -> {
            var request = new Enrollment.Request(
                    "",
                    Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()),
                    machine.name(),
                    "linux",
                    "amd64",
                    "dev",
                    Optional.empty(),
                    Optional.of(machine.zone().getId()));
            var host = server.hosts().add(tx, request, machine.name());
            server.repositories()
                    .assign(
                            tx,
                            host.id(),
                            new Repository(
                                    new RepositoryUrl("sftp:nas:/srv/restic"),
                                    Optional.empty(),
                                    Optional.empty(),
                                    "secret"));
            machine.enrol(new AgentInSteps.Enrolled(
                    host.id(),
                    host.hostname(),
                    Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded())));
        }));
        add(machine, JobKind.BACKUP);
        add(machine, JobKind.BACKUP);
        add(machine, JobKind.PRUNE);
    }

    /** Changes nothing more. */
    void rest() {
        rests = true;
        decide();
    }

    void begin() {
        timeline.after(Duration.ofMinutes(chance.nextInt(1, 2_000)), () -> {
            if (rests) {
                return;
            }
            if (restores && chance.nextInt(4) == 0) {
                copyAndRestore();
            } else if (headquarters.up()) {
                var there = plans.stream()
                        .filter(plan -> !removed.contains(plan.scheduleId()))
                        .toList();
                var plan = there.get(chance.nextInt(there.size()));
                act(plan);
                if (chance.nextBoolean() && !restores) {
                    timeline.after(Duration.ofSeconds(chance.nextInt(1, 300)), () -> thinkBetter(plan));
                }
            }
            begin();
        });
    }

    /** Changes a schedule that was changed a moment ago, so that two versions of it are on their way. */
    private void thinkBetter(Plan plan) {
        if (rests || removed.contains(plan.scheduleId())) {
            return;
        }
        headquarters.with(server -> {
            try {
                change(server, plan, Optional.of(rhythm(zoneOf(server, plan))));
            } catch (Problem | StorageRefused e) {
                witness.note("operator is told " + e.getMessage());
            }
        });
    }

    private void act(Plan plan) {
        int what = chance.nextInt(restores ? 4 : 0, 10); // what a restore undoes cannot be held against anybody
        witness.note("operator " + what + " on " + plan.scheduleId());
        headquarters.with(server -> {
            try {
                switch (what) {
                    case 0 -> change(server, plan, Optional.of(rhythm(zoneOf(server, plan))));
                    case 1 -> change(server, plan, Optional.empty());
                    case 2 -> change(server, plan, plan.now().or(() -> Optional.of(rhythm(zoneOf(server, plan)))));
                    case 3 -> replace(server, plan);
                    case 4 -> cancel(server, plan);
                    default -> server.dispatcher().runSchedule(ACTOR, plan.hostId(), plan.scheduleId());
                }
            } catch (Problem | StorageRefused e) {
                witness.note("operator is told " + e.getMessage());
            }
        });
    }

    /** Copies the database, and after a while puts the copy back; after a while more, decides whose schedules hold. */
    private void copyAndRestore() {
        if (!headquarters.up()) {
            return;
        }
        headquarters.copy();
        timeline.after(Duration.ofMinutes(chance.nextInt(1, 3_000)), () -> {
            if (!rests) {
                headquarters.restore();
                timeline.after(Duration.ofMinutes(chance.nextInt(1, 1_000)), this::decide);
            }
        });
    }

    private void decide() {
        headquarters.with(server -> {
            if (!server.divergences().list().isEmpty()) {
                var decision = chance.nextBoolean() ? Decision.PUSH : Decision.KEEP;
                try {
                    server.decisions().decideAll(ACTOR, decision);
                } catch (StorageRefused e) {
                    timeline.after(Duration.ofMinutes(10), this::decide);
                }
            }
        });
    }

    private void add(Machine machine, JobKind kind) {
        headquarters.with(server -> add(server, machine.hostId(), kind));
    }

    private void add(ServerInSteps server, String hostId, JobKind kind) {
        var rhythm = rhythm(server.hosts().get(hostId).zone());
        var made = new AtomicReference<Plan>();
        done(
                () -> server.schedules().create(ACTOR, hostId, id -> {
                    made.set(new Plan(hostId, id, kind));
                    return schedule(made.get(), Optional.of(rhythm), rhythm);
                }),
                () -> {
                    plans.add(made.get());
                    note(made.get(), Optional.of(rhythm));
                });
    }

    private void change(ServerInSteps server, Plan plan, Optional<Rhythm> rhythm) {
        done(
                () -> server.schedules().update(ACTOR, plan.hostId(), plan.scheduleId(), before -> {
                    var shown = rhythm.orElseGet(() -> rhythm(ZoneId.of("UTC")));
                    return schedule(plan, rhythm, shown);
                }),
                () -> note(plan, rhythm));
    }

    /** Removes it, and makes another. */
    private void replace(ServerInSteps server, Plan plan) {
        done(() -> server.schedules().delete(ACTOR, plan.hostId(), plan.scheduleId()), () -> {
            note(plan, Optional.empty());
            removed.add(plan.scheduleId());
        });
        add(server, plan.hostId(), plan.kind());
    }

    private void note(Plan plan, Optional<Rhythm> rhythm) {
        plan.change(now(), rhythm);
        witness.note("schedule " + plan.scheduleId() + " now: " + rhythm);
    }

    /** Notes what was done, also if the server dies as it tells an agent of it: it was stored before. */
    private static void done(Runnable action, Runnable note) {
        try {
            action.run();
        } catch (Killed e) {
            note.run();
            throw e;
        }
        note.run();
    }

    private static void cancel(ServerInSteps server, Plan plan) {
        var open = server.db()
                .read(handle -> handle.createQuery(
                                "SELECT id FROM jobs WHERE schedule_id = ? AND status IN ('queued', 'running') ORDER BY id")
                        .bind(0, plan.scheduleId())
                        .mapTo(String.class)
                        .list());
        open.forEach(id -> server.dispatcher().cancel(ACTOR, id));
    }

    private static ZoneId zoneOf(ServerInSteps server, Plan plan) {
        return server.hosts().get(plan.hostId()).zone();
    }

    /** In the host's zone or another. */
    private Rhythm rhythm(ZoneId hosts) {
        var zone = chance.nextBoolean() ? hosts : ZoneId.of(ZONES.get(chance.nextInt(ZONES.size())));
        int every = new int[] {0, 0, 0, 0, 0, 0, 0, 60, 60, 30}[chance.nextInt(10)];
        return new Rhythm(every, chance.nextInt(5), chance.nextInt(60), zone);
    }

    private static Schedule schedule(Plan plan, Optional<Rhythm> rhythm, Rhythm shown) {
        return new Schedule(
                plan.scheduleId(),
                plan.kind(),
                plan.kind().word(),
                rhythm.isPresent(),
                false,
                Optional.of(shown.cron()),
                Optional.of(shown.zone().getId()),
                plan.kind() == JobKind.BACKUP ? List.of("/etc") : List.of(),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0);
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
