package io.resticfleet.faults.alert;

import io.resticfleet.faults.SimRandom;
import io.resticfleet.faults.Timeline;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.EmbeddedServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.channel.ChannelBody;
import io.resticfleet.server.drill.WeeklyDrillChange;
import io.resticfleet.server.host.ExpectationsChange;
import io.resticfleet.server.host.UntilAndReason;
import io.resticfleet.server.schedule.Naming;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** One run: one seed, one server, many machines, up to a year. */
final class AlertYear {

    static final String ALL = "all";
    static final String SEVERE = "severe";

    private static final Actor ACTOR = Actor.local("operator");

    /** At the end nothing breaks for so long, so that all can be said. */
    private static final Duration CALM = Duration.ofHours(6);

    /** A period that an operator has asked for; open at the end. */
    record Span(Instant from, Instant until) {}

    private final int days;
    private final int hosts;
    private final int killsWanted;
    private final Timeline timeline = new Timeline();
    private final SplittableRandom random;
    private final Inbox inbox;
    private final AlertServer server;
    private final Truth truth;
    private final List<Machine> machines = new ArrayList<>();
    private final Map<String, List<Span>> silences = new HashMap<>();
    private final Map<String, Instant> silenced = new HashMap<>();
    private final Map<String, List<Span>> acknowledged = new HashMap<>();
    private int names;
    private boolean over;

    AlertYear(long seed, int hosts, int days, int kills, Path directory) {
        this.days = days;
        this.hosts = hosts;
        this.killsWanted = kills;
        random = new SplittableRandom(seed);
        SimRandom.seed(random.split());
        inbox = new Inbox(timeline, random.split(), List.of(ALL, SEVERE));
        server = new AlertServer(timeline, directory.resolve("server"), inbox);
        truth = new Truth(server::lookAfter);
    }

    /** Runs to the end, and checks what was received. */
    AlertChecker.Result run() {
        server.onStart(() -> machines.forEach(
                machine -> timeline.after(Duration.ofMillis(random.nextInt(1_000, 60_000)), machine.stub()::dial)));
        server.onSettled(() -> timeline.after(
                AlertServer.SETTLED.minusMinutes(5),
                () -> machines.stream().filter(machine -> !machine.deleted()).forEach(Machine::update)));
        server.onKill(this::killed);
        server.onHeartbeat(() -> machines.forEach(machine -> machine.stub().heartbeat()));
        server.start();
        server.operate(there -> {
            channel(there, ALL, "info");
            channel(there, SEVERE, "critical");
        });
        for (int i = 0; i < hosts; i++) {
            enrol();
        }
        weather();
        var end = Timeline.START.plus(Duration.ofDays(days));
        timeline.runUntil(end.minus(CALM));
        calm();
        timeline.runUntil(end);
        over = true;
        server.kill();
        silenced.forEach((host, from) ->
                silences.computeIfAbsent(host, none -> new ArrayList<>()).add(new Span(from, Instant.MAX)));
        var checker = new AlertChecker(end, server, inbox, truth.segments(end), silences, acknowledged);
        machines.forEach(machine -> machine.plans()
                .forEach(
                        plan -> checker.schedule(plan.key(), machine.stub().id().value())));
        return checker.check(machines.size());
    }

    private void channel(EmbeddedServer there, String name, String severity) {
        there.channels()
                .create(
                        ACTOR,
                        new ChannelBody(
                                name,
                                "webhook",
                                Map.of("url", "https://" + name + ".example/hook"),
                                Optional.of(severity),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    private void enrol() {
        var machine = new Machine("host" + names++, timeline, server, truth, random.split());
        boolean done = server.operate(there -> {
            machine.stub().enrol(there);
            there.drills()
                    .change(ACTOR, machine.stub().id(), new WeeklyDrillChange(Optional.of(false), Optional.empty()));
            plan(there, machine, Duration.ofDays(1));
            if (random.nextInt(5) == 0) {
                plan(there, machine, Duration.ofHours(6));
            }
        });
        if (done) {
            machines.add(machine);
            timeline.after(Duration.ofSeconds(random.nextInt(1, 60)), machine.stub()::dial);
            each(Duration.ofDays(12), () -> machine.trouble(length(12)));
            each(Duration.ofDays(12), () -> away(machine));
        }
    }

    private void plan(EmbeddedServer there, Machine machine, Duration interval) {
        var offset = Duration.ofMinutes(random.nextInt(0, (int) interval.toMinutes()));
        var made = new Plan[1];
        there.schedules().create(ACTOR, machine.stub().id(), Naming.NUMBER_TAKEN, id -> {
            made[0] = new Plan(id, interval, offset, now());
            return schedule(made[0]);
        });
        machine.add(made[0]);
    }

    private static Schedule schedule(Plan plan) {
        return new Schedule(
                new ScheduleId(plan.id().value()),
                JobKind.BACKUP,
                "nightly",
                plan.enabled(),
                false,
                Optional.of(plan.cron()),
                Optional.of("UTC"),
                List.of("/etc"),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    private void weather() {
        each(Duration.ofDays(days).dividedBy(killsWanted), this::kill);
        each(Duration.ofDays(20), this::storm);
        each(Duration.ofDays(15), () -> inbox.down(random.nextBoolean() ? ALL : SEVERE, now().plus(length(2))));
        each(Duration.ofDays(30), this::fillDisk);
        each(Duration.ofHours(50).dividedBy(Math.max(1, hosts / 10)), this::operate);
    }

    /** At random times, on average once in a period. */
    private void each(Duration period, Runnable action) {
        timeline.after(Duration.ofSeconds(random.nextLong(1, 2 * period.toSeconds())), () -> {
            if (timeline.instant()
                    .isBefore(Timeline.START.plus(Duration.ofDays(days)).minus(CALM))) {
                action.run();
                each(period, action);
            }
        });
    }

    /** Minutes to so many days, short ones more often. */
    private Duration length(int days) {
        double log = random.nextDouble() * Math.log(days * 1_440.0);
        return Duration.ofSeconds((long) (60 * Math.exp(log)) + random.nextInt(60));
    }

    private void away(Machine machine) {
        if (random.nextBoolean()) {
            machine.power(false);
            timeline.after(length(25), () -> machine.power(true));
        } else {
            machine.link(false);
            timeline.after(length(4), () -> machine.link(true));
        }
    }

    private void storm() {
        var half = machines.stream().filter(any -> random.nextBoolean()).toList();
        half.forEach(machine -> machine.link(false));
        timeline.after(Duration.ofMinutes(random.nextInt(5, 360)), () -> half.forEach(machine -> machine.link(true)));
    }

    private void kill() {
        if (!server.up()) {
            return;
        }
        server.recordConnected();
        switch (random.nextInt(4)) {
            case 0 -> server.disk().dieAt(random.nextInt(1, 200));
            case 1 -> inbox.dieNext();
            default -> server.kill();
        }
    }

    /** Killed, it is started after a while. */
    private void killed() {
        machines.forEach(Machine::serverEnded);
        if (!over) {
            timeline.after(
                    random.nextInt(4) == 0 ? length(1) : Duration.ofSeconds(random.nextInt(2, 240)), server::start);
        }
    }

    private void fillDisk() {
        if (server.up()) {
            server.fillDisk();
            timeline.after(Duration.ofMinutes(random.nextInt(5, 300)), server::repairDisk);
        }
    }

    private void calm() {
        if (server.up()) {
            server.repairDisk();
        }
        server.start();
        inbox.down(ALL, Instant.MIN);
        inbox.down(SEVERE, Instant.MIN);
    }

    private void operate() {
        if (!server.working().works(now())) {
            return;
        }
        var machine = machines.get(random.nextInt(machines.size()));
        if (!machine.quiet()) {
            acknowledge();
            return;
        }
        var id = machine.stub().id();
        switch (random.nextInt(10)) {
            case 0, 1 -> silence(machine);
            case 2, 3 -> pause(machine);
            case 4 -> {
                if (server.operate(there -> there.expectations()
                        .change(
                                ACTOR,
                                id,
                                new ExpectationsChange(Optional.of(!machine.comesAndGoes()), Optional.empty())))) {
                    machine.comesAndGoes(!machine.comesAndGoes());
                }
            }
            case 5 -> {
                int days = random.nextInt(0, 6);
                if (server.operate(there -> there.expectations()
                        .change(ACTOR, id, new ExpectationsChange(Optional.empty(), Optional.of(days))))) {
                    machine.staleAfterDays(Optional.of(days).filter(any -> any > 0));
                }
            }
            case 6, 7 -> toggle(machine);
            case 8 -> {
                if (random.nextInt(5) == 0
                        && server.operate(there -> there.hosts().delete(ACTOR, id))) {
                    machine.delete();
                    machine.stub().reachable(false);
                    enrol();
                }
            }
            default -> acknowledge();
        }
        server.lookAfter(now());
    }

    private void acknowledge() {
        server.operate(there -> {
            var open = there.alerts().open();
            if (!open.isEmpty()) {
                var alert = open.get(random.nextInt(open.size()));
                there.alerts().acknowledge(ACTOR, alert.id(), Optional.empty(), Optional.empty());
                acknowledged
                        .computeIfAbsent(alert.id(), none -> new ArrayList<>())
                        .add(new Span(now(), Instant.MAX));
            }
        });
    }

    private void silence(Machine machine) {
        var id = machine.stub().id();
        if (silenced.containsKey(id.value())
                || !server.operate(there -> there.silences().silence(ACTOR, id, UntilAndReason.NONE))) {
            return;
        }
        silenced.put(id.value(), now());
        timeline.after(length(10), () -> unsilence(machine));
    }

    private void unsilence(Machine machine) {
        var id = machine.stub().id();
        if (machine.deleted()) {
            return;
        }
        if (!server.working().works(now())
                || !server.operate(there -> there.silences().end(ACTOR, id))) {
            timeline.after(Duration.ofMinutes(10), () -> unsilence(machine));
            return;
        }
        silences.computeIfAbsent(id.value(), none -> new ArrayList<>())
                .add(new Span(silenced.remove(id.value()), now()));
        server.lookAfter(now());
    }

    private void pause(Machine machine) {
        var id = machine.stub().id();
        if (machine.paused() || !server.operate(there -> there.pauses().pause(ACTOR, id, UntilAndReason.NONE))) {
            return;
        }
        machine.paused(true);
        timeline.after(length(20), () -> resume(machine));
    }

    private void resume(Machine machine) {
        var id = machine.stub().id();
        if (machine.deleted()) {
            return;
        }
        if (!server.working().works(now())
                || !server.operate(there -> there.pauses().resume(ACTOR, id))) {
            timeline.after(Duration.ofMinutes(10), () -> resume(machine));
            return;
        }
        machine.paused(false);
        server.lookAfter(now());
    }

    private void toggle(Machine machine) {
        var plan = machine.plans().get(random.nextInt(machine.plans().size()));
        if (plan.deleted()) {
            return;
        }
        boolean enabled = !plan.enabled();
        plan.enable(enabled, now());
        if (!server.operate(there -> there.schedules()
                .update(ACTOR, machine.stub().id(), plan.id(), Naming.NUMBER_TAKEN, before -> schedule(plan)))) {
            throw new IllegalStateException("a schedule could not be changed");
        }
        machine.update();
    }

    private Instant now() {
        return timeline.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
