package io.resticfleet.faults;

import io.resticfleet.agent.EmbeddedAgent;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.StateDirectory;
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
final class AgentNode {

    private static final Duration TICK = Duration.ofSeconds(60);
    private static final Duration DROWSINESS = Duration.ofSeconds(35);
    private static final Duration AGAIN = Duration.ofMinutes(1);

    /** What came due so long before may still be underway or be tried again, on both. */
    private static final Duration CLONED = Duration.ofDays(1);

    private final Timeline timeline;
    private final SimLink link;
    private final History history;
    private final ZoneId zone;
    private final ResticProgram program;
    private final SplittableRandom chance;
    private final SimRepository repository;
    private final MemoryDisk disk = new MemoryDisk(this::change);
    private final SimRestic restic;
    private final FaultPlan faultPlan;
    private final List<AgentNode> clones = new ArrayList<>();
    private final String name;
    private boolean destroyed;
    private EmbeddedAgent.Enrolled enrolled;
    private SimProcess process;
    private boolean up;
    private boolean asleep;
    private boolean cutWhenDying;
    private Duration clockError = Duration.ZERO;
    private long sleptNanos;
    private long asleepSince;
    /** When it was last known to be. */
    private Instant clockRight = Timeline.START;

    /** What the clock showed before it was set back, and after; what it had leapt over before, too. */
    private record Relived(Instant from, Instant until) {}

    /** Its clock was so far from the right time. */
    private record Wrong(Instant from, Duration error) {}

    /** Its disk had no room left. */
    private record Full(Instant from, Instant until) {}

    private final List<Relived> relived = new ArrayList<>();
    private final List<Wrong> wrongs = new ArrayList<>();
    private final List<Instant> losses = new ArrayList<>();
    private final List<Full> fulls = new ArrayList<>();

    AgentNode(
            String name,
            Timeline timeline,
            SimLink link,
            History history,
            ZoneId zone,
            ResticProgram program,
            SimRepository repository,
            FaultPlan faultPlan,
            SplittableRandom chance) {
        this.name = name;
        this.timeline = timeline;
        this.link = link;
        this.history = history;
        this.zone = zone;
        this.program = program;
        this.chance = chance;
        this.repository = repository;
        this.faultPlan = faultPlan;
        this.restic = new SimRestic(timeline, disk, () -> asleep, repository, faultPlan, chance.split());
        this.process = newProcess();
    }

    void enrol(EmbeddedAgent.Enrolled as) {
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

    SimRepository repository() {
        return repository;
    }

    SimLink link() {
        return link;
    }

    MemoryDisk disk() {
        return disk;
    }

    boolean up() {
        return up && !asleep;
    }

    /** Starts the agent, unless it runs; again and again until it does. */
    void start() {
        if (up || destroyed) {
            return;
        }
        up = true;
        process = newProcess();
        try {
            var state = StateDirectory.open(disk.root().resolve("state"));
            EmbeddedAgent.start(
                    state,
                    enrolled,
                    new EmbeddedAgent.SimPlatform(
                            this::now,
                            this::nanos,
                            zone,
                            program,
                            restic,
                            process,
                            new SimHttpClient(link, process),
                            chance.split(),
                            TICK));
        } catch (Killed e) {
            return; // and so it will be
        } catch (UncheckedIOException | StateDirectory.DamagedFile e) {
            history.note(name + " agent did not start: " + e.getMessage());
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

    /** As {@link #dieBefore}, of the changes of its disk. */
    void dieBeforeWriting(int changes, boolean ofPower) {
        if (up()) {
            cutWhenDying = ofPower;
            process.dieBeforeWriting(changes);
        }
    }

    void sleep() {
        if (up()) {
            asleep = true;
            asleepSince = timeline.nanos();
            process.suspend();
            link.lose();
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
        var before = now();
        if (clockError.isZero()) {
            clockRight = before;
        }
        clockError = error;
        wrongs.add(new Wrong(timeline.instant(), error));
        if (now().isBefore(before)) {
            relived.add(new Relived(clockRight.isBefore(now()) ? clockRight : now(), before));
        }
    }

    /** Whether the machine's clock has shown this time twice: what is due then may run twice. */
    boolean hasRelived(Instant at) {
        return relived.stream().anyMatch(time -> !at.isBefore(time.from()) && !at.isAfter(time.until()));
    }

    /** Whether its clock did not show this time when it was: what is due then may have run before. */
    boolean clockWasWrong(Instant at) {
        return wrongs.stream()
                .filter(wrong -> !wrong.from().isAfter(at))
                .reduce((first, second) -> second)
                .filter(wrong -> !wrong.error().isZero())
                .isPresent();
    }

    /** Another machine is made of its disk, and goes on with its identity. */
    void copyItself() {
        if (!up()) {
            return;
        }
        var cloneName = name + "'" + clones.size();
        var cloneLink = new SimLink(cloneName, timeline, link.serverNode(), chance.split());
        link.serverNode().connect(cloneLink);
        var clone = new AgentNode(
                cloneName,
                timeline,
                cloneLink,
                history,
                zone,
                program,
                repository.another(),
                faultPlan,
                chance.split());
        clone.disk.copy(disk);
        clone.enrolled = enrolled;
        clones.add(clone);
        relived.add(new Relived(now().minus(CLONED), Instant.MAX));
        clone.start();
    }

    /** The others that were made of it are gone for ever, with what they had not told. */
    void destroyClones() {
        clones.forEach(clone -> {
            clone.destroyed = true;
            clone.cutPower();
        });
    }

    /** Gone for ever. */
    boolean destroyed() {
        return destroyed;
    }

    /** The machines that were ever made of it. */
    List<AgentNode> clones() {
        return clones;
    }

    /** All is well with it again. */
    void heal() {
        setClock(Duration.ZERO);
        disk.free();
        link.become(SimLink.State.UP);
        link.recover();
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
            link.agentUnplugged();
        } else {
            restic.orphan();
            link.agentDied();
        }
    }

    /** When something may have been lost that was not the product's to keep: a power cut, or a full disk. */
    List<Instant> losses() {
        return losses;
    }

    /** Whether its disk was full at any time between: the agent gives up what was acknowledged then. */
    boolean wasFull(Instant from, Instant until) {
        return fulls.stream()
                .anyMatch(full -> full.from().isBefore(until) && !full.until().isBefore(from));
    }

    void fillDisk(long bytesLeft) {
        losses.add(timeline.instant());
        fulls.add(new Full(timeline.instant(), Instant.MAX));
        disk.fill(bytesLeft);
    }

    void freeDisk() {
        losses.add(timeline.instant());
        fulls.replaceAll(full -> full.until().equals(Instant.MAX) ? new Full(full.from(), timeline.instant()) : full);
        disk.free();
    }

    private void died() {
        history.note(name + " died in the middle of something, power=" + cutWhenDying);
        stop(cutWhenDying);
        timeline.after(AGAIN, this::start);
    }

    private SimProcess newProcess() {
        return new SimProcess(timeline, DROWSINESS, this::died);
    }

    private void change() {
        process.change();
    }

    Instant now() {
        return timeline.instant().plus(clockError).truncatedTo(ChronoUnit.MILLIS);
    }

    private long nanos() {
        return timeline.nanos() - sleptNanos;
    }
}
