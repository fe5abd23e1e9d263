package io.resticfleet.faults;

import io.resticfleet.agent.restic.ResticProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/** One run: one seed, one server, a few machines, some weeks. */
final class Simulation {

    static final int NODES = 3;

    /** After the last fault: for all to come back, and to say what it did. */
    private static final Duration HEALING = Duration.ofHours(12);

    static {
        // Its library goes to a file with a name of chance, which must not be the same in every process.
        try (var any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            any.getMetaData();
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long seed;
    private final Duration storm;
    private final Verbosity verbosity;

    /**
     * @param storm how long things go wrong
     * @param verbosity says what happens as it happens, or not
     */
    Simulation(long seed, Duration storm, Verbosity verbosity) {
        this.seed = seed;
        this.storm = storm;
        this.verbosity = verbosity;
    }

    /** Whether a run says what happens. */
    enum Verbosity {
        QUIET,
        VERBOSE
    }

    /**
     * How it ended.
     *
     * @param failures what was lost or doubled, or otherwise is not as it must be
     * @param fingerprint of all that happened
     */
    record Result(List<String> failures, String fingerprint, int snapshots, int due) {}

    /** Runs it to its end. */
    Result run() throws IOException {
        var directory = Files.createTempDirectory(temporary(), "simulation");
        var errors = new AtomicReference<Throwable>();
        var thread = Thread.currentThread();
        var before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((here, error) -> errors.compareAndSet(null, error));
        try {
            return run(directory, errors);
        } finally {
            thread.setUncaughtExceptionHandler(before);
            delete(directory);
        }
    }

    private Result run(Path directory, AtomicReference<Throwable> errors) throws IOException {
        var chance = new SplittableRandom(seed);
        SimRandom.seed(chance.split());
        var timeline = new Timeline();
        var history = new History(timeline, verbosity);
        var between = Duration.ofHours(chance.nextInt(2, 40));
        var faultPlan = new FaultPlan(timeline, history, chance.split(), between);
        var serverNode = new ServerNode(timeline, directory.resolve("server"), history);
        var operator = new Operator(timeline, serverNode, history, chance.split());
        var program = restic(directory);
        var nodes = new ArrayList<AgentNode>();
        serverNode.start();
        for (int i = 0; i < NODES; i++) {
            var name = "m" + i;
            var link = new SimLink(name, timeline, serverNode, chance.split());
            serverNode.connect(link);
            var zone = ZoneId.of(
                    List.of("UTC", "Europe/Berlin", "America/New_York").get(i));
            nodes.add(new AgentNode(
                    name, timeline, link, history, zone, program, new SimRepository(i), faultPlan, chance.split()));
        }
        nodes.forEach(operator::enrol);
        nodes.forEach(AgentNode::start);
        operator.begin();
        faultPlan.begin(serverNode, nodes);
        timeline.every(Duration.ofHours(1), () -> nodes.forEach(node -> JournalChecker.check(node, history)));
        timeline.runUntil(Timeline.START.plus(storm));

        faultPlan.end();
        nodes.forEach(AgentNode::destroyClones);
        serverNode.disk().mend();
        serverNode.disk().dieAt(0);
        serverNode.start();
        operator.rest();
        nodes.forEach(AgentNode::heal);
        timeline.runUntil(Timeline.START.plus(storm).plus(HEALING));

        var checker = new Checker(timeline, history, serverNode, operator.schedules(), nodes);
        checker.judge();
        nodes.forEach(AgentNode::killAgent);
        serverNode.kill();
        if (errors.get() != null && !(errors.get() instanceof Killed)) {
            history.failed("an error reached the top: " + errors.get());
        }
        return new Result(
                List.copyOf(history.failures()),
                history.fingerprint(),
                nodes.stream()
                        .mapToInt(node -> node.repository().snapshots().size())
                        .sum(),
                checker.due());
    }

    /** In memory where there is such a place: nothing here has to survive this process. */
    private static Path temporary() {
        var memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Asked for its version once; all else is asked of {@link SimRestic}. */
    private static ResticProgram restic(Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("restic"), "#!/bin/sh\necho restic 0.18.0\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new ResticProgram(file.toString(), "/usr/bin:/bin");
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
