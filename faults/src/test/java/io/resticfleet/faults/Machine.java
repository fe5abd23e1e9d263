package io.resticfleet.faults;

import io.resticfleet.agent.AgentInSteps;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.Storage;
import io.resticfleet.faults.disk.MemoryDisk;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A machine with an agent: its disk, its clock, its power. */
final class Machine {

    private static final Duration TICK = Duration.ofSeconds(60);
    private static final Duration DROWSINESS = Duration.ofSeconds(35);
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final Timeline timeline;
    private final Line line;
    private final Witness witness;
    private final ZoneId zone;
    private final ResticProgram program;
    private final SplittableRandom chance;
    private final Repository repository;
    private final MemoryDisk disk = new MemoryDisk(this::effect);
    private final Restic restic;
    private final String name;
    private AgentInSteps.Enrolled enrolled;
    private Strands process;
    private boolean up;
    private boolean asleep;
    private boolean cutWhenDying;
    private Duration clockError = Duration.ZERO;
    private long sleptNanos;
    private long asleepSince;
    private final List<Instant> losses = new ArrayList<>();

    Machine(
            String name,
            Timeline timeline,
            Line line,
            Witness witness,
            ZoneId zone,
            ResticProgram program,
            Repository repository,
            Weather weather,
            SplittableRandom chance) {
        this.name = name;
        this.timeline = timeline;
        this.line = line;
        this.witness = witness;
        this.zone = zone;
        this.program = program;
        this.chance = chance;
        this.repository = repository;
        this.restic = new Restic(timeline, disk, () -> asleep, repository, weather, chance.split());
        this.process = newProcess();
    }

    void enrol(AgentInSteps.Enrolled as) {
        enrolled = as;
    }

    String hostId() {
        return enrolled.hostId();
    }

    String name() {
        return name;
    }

    ZoneId zone() {
        return zone;
    }

    Repository repository() {
        return repository;
    }

    Line line() {
        return line;
    }

    MemoryDisk disk() {
        return disk;
    }

    boolean up() {
        return up && !asleep;
    }

    /** Starts the agent, unless it runs; again and again until it does. */
    void start() {
        if (up) {
            return;
        }
        up = true;
        process = newProcess();
        try {
            var storage = Storage.open(disk.root().resolve("state"));
            AgentInSteps.start(
                    storage,
                    enrolled,
                    new AgentInSteps.World(
                            this::now,
                            this::nanos,
                            zone,
                            program,
                            restic,
                            process,
                            new Dialler(line, process),
                            chance.split(),
                            TICK));
        } catch (Killed e) {
            return; // and so it will be
        } catch (UncheckedIOException | Storage.DamagedState e) {
            witness.note(name + " agent did not start: " + e.getMessage());
            stop(false);
            timeline.after(AGAIN, this::start);
        }
    }

    /** Kill -9 of the agent; restic goes on. */
    void killAgent() {
        if (up()) {
            stop(false);
        }
    }

    /** No power. What was not flushed is lost, or not. */
    void cutPower() {
        if (up) {
            asleep = false;
            stop(true);
        }
    }

    /** The agent is killed, or the power cut, before the n-th of the things it does from now on that can be seen. */
    void dieBefore(int effects, boolean ofPower) {
        if (up()) {
            cutWhenDying = ofPower;
            process.dieBefore(effects);
        }
    }

    void sleep() {
        if (up()) {
            asleep = true;
            asleepSince = timeline.nanos();
            process.suspend();
            line.lose();
        }
    }

    void wake() {
        if (asleep) {
            asleep = false;
            sleptNanos += timeline.nanos() - asleepSince;
            process.wake();
        }
    }

    /** From now on the clock is wrong by so much. */
    void setClock(Duration error) {
        clockError = error;
    }

    /** All is well with it again. */
    void heal() {
        clockError = Duration.ZERO;
        disk.free();
        line.become(Line.State.UP);
        line.become(Duration.ofMillis(20), 0);
        wake();
        process.dieBefore(-1);
        start();
    }

    private void stop(boolean ofPower) {
        up = false;
        process.kill();
        if (ofPower) {
            disk.cut(chance);
            losses.add(timeline.instant());
            restic.vanish();
            line.agentUnplugged();
        } else {
            restic.orphan();
            line.agentDied();
        }
    }

    /** When something may have been lost that was not the product's to keep: a power cut, or a full disk. */
    List<Instant> losses() {
        return losses;
    }

    void fillDisk(long bytesLeft) {
        losses.add(timeline.instant());
        disk.fill(bytesLeft);
    }

    void freeDisk() {
        losses.add(timeline.instant());
        disk.free();
    }

    private void died() {
        witness.note(name + " died in the middle of something, power=" + cutWhenDying);
        stop(cutWhenDying);
        timeline.after(AGAIN, this::start);
    }

    private Strands newProcess() {
        return new Strands(timeline, DROWSINESS, this::died);
    }

    private void effect() {
        process.effect();
    }

    Instant now() {
        return timeline.instant().plus(clockError).truncatedTo(ChronoUnit.MILLIS);
    }

    private long nanos() {
        return timeline.nanos() - sleptNanos;
    }
}
