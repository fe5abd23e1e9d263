package io.resticfleet.faults;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Random faults and when they occur. */
final class FaultPlan {

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
    private final History history;
    private final SplittableRandom random;
    private final Duration between;
    private boolean over;
    private boolean repositoryTrouble;

    /** @param between mean time between two faults of a machine */
    FaultPlan(Timeline timeline, History history, SplittableRandom random, Duration between) {
        this.timeline = timeline;
        this.history = history;
        this.random = random;
        this.between = between;
    }

    /** Duration of a backup or a prune. */
    Duration workDuration() {
        if (over) {
            return Duration.ofSeconds(30);
        }
        return switch (random.nextInt(20)) {
            case 0 -> Duration.ofHours(3);
            case 1, 2 -> Duration.ofMinutes(random.nextInt(10, 90));
            default -> Duration.ofSeconds(random.nextInt(2, 300));
        };
    }

    /** The error message of a failing backup or prune; absent if it succeeds. */
    Optional<String> workFailure() {
        return !over && random.nextInt(100) < (repositoryTrouble ? 80 : 3)
                ? Optional.of(FAILURES.get(random.nextInt(FAILURES.size())))
                : Optional.empty();
    }

    void start(ServerNode serverNode, List<AgentNode> nodes) {
        nodes.forEach(node -> repeat(between, () -> inject(node)));
        repeat(between.multipliedBy(2), () -> inject(serverNode));
        repeat(between.multipliedBy(4), this::injectRepositoryTrouble);
    }

    /** Injects no further faults. */
    void end() {
        over = true;
        repositoryTrouble = false;
    }

    private void repeat(Duration mean, Runnable fault) {
        timeline.after(randomUpTo(mean.multipliedBy(2)), () -> {
            if (!over) {
                fault.run();
                repeat(mean, fault);
            }
        });
    }

    private void inject(AgentNode node) {
        int kind = random.nextInt(29) / 2; // the last kind half as often
        var duration = randomDuration();
        history.note(node.name() + " fault " + kind + " for " + duration);
        switch (kind) {
            case 0 -> {
                node.killAgent();
                later(Duration.ofSeconds(random.nextInt(1, 600)), node::start);
            }
            case 1 -> node.dieBefore(random.nextInt(1, 60), false);
            case 2 -> node.dieBeforeWrite(random.nextInt(1, 60), false);
            case 3 -> node.dieBefore(random.nextInt(1, 60), true);
            case 4 -> node.dieBeforeWrite(random.nextInt(1, 60), true);
            case 5 -> {
                node.cutPower();
                later(duration, node::start);
            }
            case 6 -> {
                node.sleep();
                later(duration, node::wake);
            }
            case 7 -> link(node, SimLink.State.DOWN, duration);
            case 8 -> link(node, SimLink.State.SILENT, duration);
            case 9 -> link(node, SimLink.State.STALLED, duration);
            case 10 -> node.link().cut();
            case 11 -> {
                node.link().degrade(Duration.ofMillis(random.nextInt(1, 20_000)), random.nextDouble() / 2);
                later(duration, node.link()::recover);
            }
            case 12 -> {
                node.fillDisk(random.nextInt(1, 20_000));
                later(duration, node::freeDisk);
            }
            case 14 -> {
                node.cloneMachine();
                later(duration, node::destroyClones);
            }
            default -> {
                node.setClock(CLOCK_ERRORS.get(random.nextInt(CLOCK_ERRORS.size())));
                later(duration, () -> node.setClock(Duration.ZERO));
            }
        }
    }

    private void link(AgentNode node, SimLink.State state, Duration duration) {
        node.link().set(state);
        later(duration, () -> node.link().set(SimLink.State.UP));
    }

    private void inject(ServerNode serverNode) {
        if (!serverNode.up()) {
            return;
        }
        int kind = random.nextInt(8);
        history.note("server fault " + kind);
        switch (kind) {
            case 0, 1 -> serverNode.incarnation().dieAtSend(random.nextInt(1, 40));
            case 2, 3 -> serverNode.disk().dieAt(random.nextInt(1, 200));
            case 4 -> {
                serverNode.disk().fill();
                later(randomDuration(), serverNode.disk()::repair);
            }
            case 5 -> {
                serverNode.disk().fail();
                later(randomDuration(), serverNode.disk()::repair);
            }
            default -> {
                serverNode.kill();
                later(randomDuration(), serverNode::start);
            }
        }
    }

    private void injectRepositoryTrouble() {
        repositoryTrouble = true;
        later(randomDuration(), () -> repositoryTrouble = false);
    }

    private void later(Duration delay, Runnable action) {
        timeline.after(delay, action);
    }

    /** Mostly minutes, sometimes days. */
    private Duration randomDuration() {
        return switch (random.nextInt(10)) {
            case 0 -> randomUpTo(Duration.ofDays(3));
            case 1, 2, 3 -> randomUpTo(Duration.ofHours(5));
            default -> randomUpTo(Duration.ofMinutes(20));
        };
    }

    private Duration randomUpTo(Duration longest) {
        return Duration.ofSeconds(1 + random.nextLong(longest.toSeconds()));
    }
}
