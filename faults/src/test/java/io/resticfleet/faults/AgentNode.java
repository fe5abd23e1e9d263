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

/** A machine with an agent: its disk, clock and power. */
final class AgentNode {

    private static final Duration TICK = Duration.ofSeconds(60);
    private static final Duration MINIMUM_WAIT = Duration.ofSeconds(35);
    private static final Duration RESTART_DELAY = Duration.ofMinutes(1);

    /** Due times of this period before a cloning may still be running or be retried on both machines. */
    private static final Duration CLONE_OVERLAP = Duration.ofDays(1);

    private final Timeline timeline;
    private final SimLink link;
    private final History history;
    private final ZoneId zone;
    private final ResticProgram program;
    private final SplittableRandom random;
    private final SimRepository repository;
    private final MemoryDisk disk = new MemoryDisk(this::beforeWrite);
    private final SimRestic restic;
    private final FaultPlan faultPlan;
    private final List<AgentNode> clones = new ArrayList<>();
    private final String name;
    private boolean destroyed;
    private boolean deleted;
    private EmbeddedAgent.Enrolled enrolled;
    private SimProcess process;
    private boolean up;
    private boolean asleep;
    private boolean powerCutOnDeath;
    private Duration clockError = Duration.ZERO;
    private long sleptNanos;
    private long asleepSince;
    /** When the clock was last right. */
    private Instant clockRight = Timeline.START;

    /** A period that the clock showed twice, as it was set back; including what it had skipped before. */
    private record Repeated(Instant from, Instant until) {}

    /** A change of the clock's error. */
    private record ClockError(Instant from, Duration error) {}

    /** A period with a full disk. */
    private record FullPeriod(Instant from, Instant until) {}

    private final List<Repeated> repeated = new ArrayList<>();
    private final List<ClockError> clockErrors = new ArrayList<>();
    private final List<Instant> losses = new ArrayList<>();
    private final List<FullPeriod> fullPeriods = new ArrayList<>();

    AgentNode(
            String name,
            Timeline timeline,
            SimLink link,
            History history,
            ZoneId zone,
            ResticProgram program,
            SimRepository repository,
            FaultPlan faultPlan,
            SplittableRandom random) {
        this.name = name;
        this.timeline = timeline;
        this.link = link;
        this.history = history;
        this.zone = zone;
        this.program = program;
        this.random = random;
        this.repository = repository;
        this.faultPlan = faultPlan;
        this.restic = new SimRestic(timeline, disk, () -> asleep, repository, faultPlan, random.split());
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

    /** Starts the agent, unless it is running; retries until it starts. */
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
                            random.split(),
                            TICK));
        } catch (Killed e) {
            return; // the process handles its own death
        } catch (UncheckedIOException | StateDirectory.DamagedFile e) {
            history.note(name + " agent did not start: " + e.getMessage());
            stop(false);
            timeline.after(RESTART_DELAY, this::start);
        }
    }

    /** Kills the agent with SIGKILL; restic goes on. */
    void killAgent() {
        if (up()) {
            stop(false);
        }
    }

    /** Cuts the power. Data that was not flushed may be lost. */
    void cutPower() {
        if (up) {
            asleep = false;
            stop(true);
        }
    }

    /** Kills the agent, or cuts the power, before its n-th visible effect from now. */
    void dieBefore(int effects, boolean powerCut) {
        if (up()) {
            powerCutOnDeath = powerCut;
            process.dieBefore(effects);
        }
    }

    /** Like {@link #dieBefore}, counting only writes to the disk. */
    void dieBeforeWrite(int writes, boolean powerCut) {
        if (up()) {
            powerCutOnDeath = powerCut;
            process.dieBeforeWrite(writes);
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

    /** Sets the error of the clock. */
    void setClock(Duration error) {
        var before = now();
        if (clockError.isZero()) {
            clockRight = before;
        }
        clockError = error;
        clockErrors.add(new ClockError(timeline.instant(), error));
        if (now().isBefore(before)) {
            repeated.add(new Repeated(clockRight.isBefore(now()) ? clockRight : now(), before));
        }
    }

    /** Whether the clock has shown this time twice: what is due then may run twice. */
    boolean hasRepeated(Instant at) {
        return repeated.stream().anyMatch(time -> !at.isBefore(time.from()) && !at.isAfter(time.until()));
    }

    /** Whether the clock was wrong at this time: what is due then may have run earlier. */
    boolean clockWasWrong(Instant at) {
        return clockErrors.stream()
                .filter(error -> !error.from().isAfter(at))
                .reduce((first, second) -> second)
                .filter(error -> !error.error().isZero())
                .isPresent();
    }

    /** Clones the machine: another one continues from a copy of its disk, with its identity. */
    void cloneMachine() {
        if (!up()) {
            return;
        }
        var cloneName = name + "'" + clones.size();
        var cloneLink = new SimLink(cloneName, timeline, link.serverNode(), random.split());
        link.serverNode().connect(cloneLink);
        var clone = new AgentNode(
                cloneName,
                timeline,
                cloneLink,
                history,
                zone,
                program,
                repository.ofClone(),
                faultPlan,
                random.split());
        clone.disk.copy(disk);
        clone.enrolled = enrolled;
        clones.add(clone);
        repeated.add(new Repeated(now().minus(CLONE_OVERLAP), Instant.MAX));
        clone.start();
    }

    /** Destroys all clones, with everything they have not reported. */
    void destroyClones() {
        clones.forEach(clone -> {
            clone.destroyed = true;
            clone.cutPower();
        });
    }

    /** The operator has deleted the machine on the server. */
    void delete() {
        deleted = true;
    }

    boolean deleted() {
        return deleted;
    }

    /** Whether this is the name of this machine or of a clone of it. */
    boolean isOrHasClone(String other) {
        return other.replaceFirst("'.*", "").equals(name);
    }

    /** Whether the machine was destroyed for good. */
    boolean destroyed() {
        return destroyed;
    }

    /** All clones ever made of this machine. */
    List<AgentNode> clones() {
        return clones;
    }

    /** Ends all faults. */
    void heal() {
        setClock(Duration.ZERO);
        disk.free();
        link.set(SimLink.State.UP);
        link.recover();
        wake();
        process.dieBefore(-1);
        start();
    }

    private void stop(boolean powerCut) {
        up = false;
        process.kill();
        if (powerCut) {
            disk.cut(random);
            losses.add(timeline.instant());
            restic.killAll();
            link.agentUnplugged();
        } else {
            restic.dropListeners();
            link.agentDied();
        }
    }

    /** Times of power cuts and changes of a full disk: data may have been lost that the product need not keep. */
    List<Instant> losses() {
        return losses;
    }

    /** Whether the disk was full at any time in between: the agent then deletes acknowledged results. */
    boolean wasFull(Instant from, Instant until) {
        return fullPeriods.stream()
                .anyMatch(full -> full.from().isBefore(until) && !full.until().isBefore(from));
    }

    void fillDisk(long bytesLeft) {
        losses.add(timeline.instant());
        fullPeriods.add(new FullPeriod(timeline.instant(), Instant.MAX));
        disk.fill(bytesLeft);
    }

    void freeDisk() {
        losses.add(timeline.instant());
        fullPeriods.replaceAll(
                full -> full.until().equals(Instant.MAX) ? new FullPeriod(full.from(), timeline.instant()) : full);
        disk.free();
    }

    private void died() {
        history.note(name + " died, power=" + powerCutOnDeath);
        stop(powerCutOnDeath);
        timeline.after(RESTART_DELAY, this::start);
    }

    private SimProcess newProcess() {
        return new SimProcess(timeline, MINIMUM_WAIT, this::died);
    }

    private void beforeWrite() {
        process.beforeWrite();
    }

    Instant now() {
        return timeline.instant().plus(clockError).truncatedTo(ChronoUnit.MILLIS);
    }

    private long nanos() {
        return timeline.nanos() - sleptNanos;
    }
}
