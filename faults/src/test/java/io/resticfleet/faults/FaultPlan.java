package io.resticfleet.faults;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What goes wrong, and when. */
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
    private final SplittableRandom chance;
    private final Duration between;
    private boolean over;
    private boolean repositoryTrouble;

    /** @param between one fault of a machine and its next, on average */
    FaultPlan(Timeline timeline, History history, SplittableRandom chance, Duration between) {
        this.timeline = timeline;
        this.history = history;
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

    void begin(ServerNode serverNode, List<AgentNode> nodes) {
        nodes.forEach(node -> again(between, () -> strike(node)));
        again(between.multipliedBy(2), () -> strike(serverNode));
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

    private void strike(AgentNode node) {
        int kind = chance.nextInt(29) / 2; // the last half as often
        var lasts = spell();
        history.note(node.name() + " fault " + kind + " for " + lasts);
        switch (kind) {
            case 0 -> {
                node.killAgent();
                later(Duration.ofSeconds(chance.nextInt(1, 600)), node::start);
            }
            case 1 -> node.dieBefore(chance.nextInt(1, 60), false);
            case 2 -> node.dieBeforeWriting(chance.nextInt(1, 60), false);
            case 3 -> node.dieBefore(chance.nextInt(1, 60), true);
            case 4 -> node.dieBeforeWriting(chance.nextInt(1, 60), true);
            case 5 -> {
                node.cutPower();
                later(lasts, node::start);
            }
            case 6 -> {
                node.sleep();
                later(lasts, node::wake);
            }
            case 7 -> link(node, SimLink.State.DOWN, lasts);
            case 8 -> link(node, SimLink.State.SILENT, lasts);
            case 9 -> link(node, SimLink.State.STALLED, lasts);
            case 10 -> node.link().cut();
            case 11 -> {
                node.link().become(Duration.ofMillis(chance.nextInt(1, 20_000)), chance.nextDouble() / 2);
                later(lasts, node.link()::recover);
            }
            case 12 -> {
                node.fillDisk(chance.nextInt(1, 20_000));
                later(lasts, node::freeDisk);
            }
            case 14 -> {
                node.copyItself();
                later(lasts, node::destroyClones);
            }
            default -> {
                node.setClock(CLOCK_ERRORS.get(chance.nextInt(CLOCK_ERRORS.size())));
                later(lasts, () -> node.setClock(Duration.ZERO));
            }
        }
    }

    private void link(AgentNode node, SimLink.State state, Duration lasts) {
        node.link().become(state);
        later(lasts, () -> node.link().become(SimLink.State.UP));
    }

    private void strike(ServerNode serverNode) {
        if (!serverNode.up()) {
            return;
        }
        int kind = chance.nextInt(8);
        history.note("server fault " + kind);
        switch (kind) {
            case 0, 1 -> serverNode.incarnation().dieSaying(chance.nextInt(1, 40));
            case 2, 3 -> serverNode.disk().dieAt(chance.nextInt(1, 200));
            case 4 -> {
                serverNode.disk().fill();
                later(spell(), serverNode.disk()::mend);
            }
            case 5 -> {
                serverNode.disk().fail();
                later(spell(), serverNode.disk()::mend);
            }
            default -> {
                serverNode.kill();
                later(spell(), serverNode::start);
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
