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
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

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
    private boolean rests;

    Operator(Timeline timeline, Headquarters headquarters, Witness witness, SplittableRandom chance) {
        this.timeline = timeline;
        this.headquarters = headquarters;
        this.witness = witness;
        this.chance = chance;
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
            server.credentials()
                    .put(
                            tx,
                            host.id(),
                            new Repository(
                                    new RepositoryUrl("/srv/restic"), Optional.empty(), Optional.empty(), "secret"));
            machine.enrol(new AgentInSteps.Enrolled(
                    host.id(),
                    host.hostname(),
                    Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded())));
        }));
        add(machine);
        add(machine);
    }

    /** Changes nothing more. */
    void rest() {
        rests = true;
    }

    void begin() {
        timeline.after(Duration.ofMinutes(chance.nextInt(1, 2_000)), () -> {
            if (rests) {
                return;
            }
            if (headquarters.up()) {
                act(plans.get(chance.nextInt(plans.size())));
            }
            begin();
        });
    }

    private void act(Plan plan) {
        int what = chance.nextInt(8);
        witness.note("operator " + what + " on " + plan.scheduleId());
        headquarters.with(server -> {
            try {
                switch (what) {
                    case 0 -> change(server, plan, Optional.of(rhythm(zoneOf(server, plan))));
                    case 1 -> change(server, plan, Optional.empty());
                    case 2 -> change(server, plan, plan.now().or(() -> Optional.of(rhythm(zoneOf(server, plan)))));
                    case 3 -> cancel(server, plan);
                    default -> server.dispatcher().runSchedule(ACTOR, plan.hostId(), plan.scheduleId());
                }
            } catch (Problem e) {
                witness.note("operator is told " + e.getMessage());
            }
        });
    }

    private void add(Machine machine) {
        headquarters.with(server -> {
            var rhythm = rhythm(machine.zone());
            var made =
                    server.schedules().create(ACTOR, machine.hostId(), id -> schedule(id, Optional.of(rhythm), rhythm));
            var plan = new Plan(machine.hostId(), made.id());
            plan.change(now(), Optional.of(rhythm));
            plans.add(plan);
            witness.note("schedule " + made.id() + " of " + machine.name() + ": " + rhythm);
        });
    }

    private void change(ServerInSteps server, Plan plan, Optional<Rhythm> rhythm) {
        server.schedules().update(ACTOR, plan.hostId(), plan.scheduleId(), before -> {
            var shown = rhythm.orElseGet(() -> rhythm(ZoneId.of("UTC")));
            return schedule(plan.scheduleId(), rhythm, shown);
        });
        plan.change(now(), rhythm);
        witness.note("schedule " + plan.scheduleId() + " now: " + rhythm);
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

    private static Schedule schedule(String id, Optional<Rhythm> rhythm, Rhythm shown) {
        return new Schedule(
                id,
                JobKind.BACKUP,
                "backup",
                rhythm.isPresent(),
                false,
                Optional.of(shown.cron()),
                Optional.of(shown.zone().getId()),
                List.of("/etc"),
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
