package io.resticfleet.faults;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What goes wrong, and when. */
final class Weather {

    private static final List<String> FAILURES = List.of(
            "locked",
            "unable to open repository: dial tcp 10.0.0.1:8000: connect: connection refused",
            "write /srv/restic: no space left on device");

    private static final List<Duration> CLOCK_ERRORS = List.of(
            Duration.ofDays(-1),
            Duration.ofHours(-1),
            Duration.ofMinutes(-10),
            Duration.ofSeconds(-20),
            Duration.ofSeconds(90),
            Duration.ofMinutes(10),
            Duration.ofDays(1),
            Duration.ofDays(30),
            Duration.ofDays(365));

    private final Timeline timeline;
    private final Witness witness;
    private final SplittableRandom chance;
    private final Duration between;
    private boolean over;
    private boolean repositoryTrouble;

    /** @param between one fault of a machine and its next, on average */
    Weather(Timeline timeline, Witness witness, SplittableRandom chance, Duration between) {
        this.timeline = timeline;
        this.witness = witness;
        this.chance = chance;
        this.between = between;
    }

    /** How long a backup or a prune is at it. */
    Duration workTakes() {
        if (over) {
            return Duration.ofSeconds(30);
        }
        return switch (chance.nextInt(20)) {
            case 0 -> Duration.ofHours(3);
            case 1, 2 -> Duration.ofMinutes(chance.nextInt(10, 90));
            default -> Duration.ofSeconds(chance.nextInt(2, 300));
        };
    }

    /** What restic says as it fails; empty if it does not. */
    Optional<String> workFails() {
        return !over && chance.nextInt(100) < (repositoryTrouble ? 80 : 3)
                ? Optional.of(FAILURES.get(chance.nextInt(FAILURES.size())))
                : Optional.empty();
    }

    void begin(Headquarters headquarters, List<Machine> machines) {
        machines.forEach(machine -> again(between, () -> strike(machine)));
        again(between.multipliedBy(2), () -> strike(headquarters));
        again(between.multipliedBy(4), this::strikeRepository);
    }

    /** Nothing new goes wrong. */
    void end() {
        over = true;
        repositoryTrouble = false;
    }

    private void again(Duration mean, Runnable fault) {
        timeline.after(anyUpTo(mean.multipliedBy(2)), () -> {
            if (!over) {
                fault.run();
                again(mean, fault);
            }
        });
    }

    private void strike(Machine machine) {
        int kind = chance.nextInt(29) / 2; // the last half as often
        var lasts = spell();
        witness.note(machine.name() + " fault " + kind + " for " + lasts);
        switch (kind) {
            case 0 -> {
                machine.killAgent();
                later(Duration.ofSeconds(chance.nextInt(1, 600)), machine::start);
            }
            case 1 -> machine.dieBefore(chance.nextInt(1, 60), false);
            case 2 -> machine.dieBeforeWriting(chance.nextInt(1, 60), false);
            case 3 -> machine.dieBefore(chance.nextInt(1, 60), true);
            case 4 -> machine.dieBeforeWriting(chance.nextInt(1, 60), true);
            case 5 -> {
                machine.cutPower();
                later(lasts, machine::start);
            }
            case 6 -> {
                machine.sleep();
                later(lasts, machine::wake);
            }
            case 7 -> line(machine, Line.State.DOWN, lasts);
            case 8 -> line(machine, Line.State.SILENT, lasts);
            case 9 -> line(machine, Line.State.STALLED, lasts);
            case 10 -> machine.line().cut();
            case 11 -> {
                machine.line().become(Duration.ofMillis(chance.nextInt(1, 20_000)), chance.nextDouble() / 2);
                later(lasts, machine.line()::recover);
            }
            case 12 -> {
                machine.fillDisk(chance.nextInt(1, 20_000));
                later(lasts, machine::freeDisk);
            }
            case 14 -> {
                machine.copyItself();
                later(lasts, machine::destroyTwins);
            }
            default -> {
                machine.setClock(CLOCK_ERRORS.get(chance.nextInt(CLOCK_ERRORS.size())));
                later(lasts, () -> machine.setClock(Duration.ZERO));
            }
        }
    }

    private void line(Machine machine, Line.State state, Duration lasts) {
        machine.line().become(state);
        later(lasts, () -> machine.line().become(Line.State.UP));
    }

    private void strike(Headquarters headquarters) {
        if (!headquarters.up()) {
            return;
        }
        int kind = chance.nextInt(8);
        witness.note("server fault " + kind);
        switch (kind) {
            case 0, 1 -> headquarters.life().dieSaying(chance.nextInt(1, 40));
            case 2, 3 -> headquarters.disk().dieAt(chance.nextInt(1, 200));
            case 4 -> {
                headquarters.disk().fill();
                later(spell(), headquarters.disk()::mend);
            }
            case 5 -> {
                headquarters.disk().fail();
                later(spell(), headquarters.disk()::mend);
            }
            default -> {
                headquarters.kill();
                later(spell(), headquarters::start);
            }
        }
    }

    private void strikeRepository() {
        repositoryTrouble = true;
        later(spell(), () -> repositoryTrouble = false);
    }

    private void later(Duration delay, Runnable action) {
        timeline.after(delay, action);
    }

    /** Mostly minutes, sometimes days. */
    private Duration spell() {
        return switch (chance.nextInt(10)) {
            case 0 -> anyUpTo(Duration.ofDays(3));
            case 1, 2, 3 -> anyUpTo(Duration.ofHours(5));
            default -> anyUpTo(Duration.ofMinutes(20));
        };
    }

    private Duration anyUpTo(Duration longest) {
        return Duration.ofSeconds(1 + chance.nextLong(longest.toSeconds()));
    }
}
