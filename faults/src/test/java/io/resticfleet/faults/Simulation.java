package io.resticfleet.faults;

import io.resticfleet.agent.restic.ResticProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.NoSuchAlgorithmException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/** One run: one seed, one server, a few machines, several weeks. */
public final class Simulation {

    static final int NODES = 3;

    /** Time after the last fault for all to recover and report. */
    private static final Duration HEALING = Duration.ofHours(12);

    static {
        // Both draw random numbers once in a process, which must be before the seed is set: SQLite for the file name of
        // its
        // library, TLS for its default context.
        try (var any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            any.getMetaData();
            SSLContext.getDefault();
        } catch (SQLException | NoSuchAlgorithmException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long seed;
    private final Duration storm;
    private final Verbosity verbosity;

    /**
     * @param storm how long faults are injected
     * @param verbosity whether events are printed
     */
    Simulation(long seed, Duration storm, Verbosity verbosity) {
        this.seed = seed;
        this.storm = storm;
        this.verbosity = verbosity;
    }

    /** Whether events are printed. */
    enum Verbosity {
        QUIET,
        VERBOSE
    }

    /**
     * The result of a run.
     *
     * @param failures what was lost, duplicated or otherwise wrong
     * @param fingerprint of all events
     */
    record Result(List<String> failures, String fingerprint, int snapshots, int due) {}

    /** Runs to the end. */
    Result run() throws IOException {
        var directory = newDirectory();
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
        var random = new SplittableRandom(seed);
        SimRandom.seed(random.split());
        var timeline = new Timeline();
        var history = new History(timeline, verbosity);
        var between = Duration.ofHours(random.nextInt(2, 40));
        var faultPlan = new FaultPlan(timeline, history, random.split(), between);
        var serverNode = new ServerNode(timeline, directory.resolve("server"), history);
        var operator = new Operator(timeline, serverNode, history, random.split());
        var program = restic(directory);
        var nodes = new ArrayList<AgentNode>();
        serverNode.start();
        for (int i = 0; i < NODES; i++) {
            var name = "m" + i;
            var link = new SimLink(name, timeline, serverNode, random.split());
            serverNode.connect(link);
            var zone = ZoneId.of(
                    List.of("UTC", "Europe/Berlin", "America/New_York").get(i));
            nodes.add(new AgentNode(
                    name, timeline, link, history, zone, program, new SimRepository(i), faultPlan, random.split()));
        }
        nodes.forEach(operator::enrol);
        nodes.forEach(AgentNode::start);
        operator.mayDelete(nodes.get(random.nextInt(NODES)));
        operator.start();
        faultPlan.start(serverNode, nodes);
        timeline.every(Duration.ofHours(1), () -> nodes.forEach(node -> JournalChecker.check(node, history)));
        timeline.every(Duration.ofHours(1), serverNode::checkWaits);
        timeline.runUntil(Timeline.START.plus(storm));

        faultPlan.end();
        nodes.forEach(AgentNode::destroyClones);
        serverNode.disk().repair();
        serverNode.disk().dieAt(0);
        serverNode.start();
        operator.stop();
        nodes.forEach(AgentNode::heal);
        timeline.runUntil(Timeline.START.plus(storm).plus(HEALING));

        var checker = new Checker(timeline, history, serverNode, operator.schedules(), nodes);
        checker.check();
        nodes.forEach(AgentNode::killAgent);
        serverNode.kill();
        if (errors.get() != null && !(errors.get() instanceof Killed)) {
            history.failed("uncaught error: " + errors.get());
        }
        return new Result(
                List.copyOf(history.failures()),
                history.fingerprint(),
                nodes.stream()
                        .mapToInt(node -> node.repository().snapshots().size())
                        .sum(),
                checker.due());
    }

    /** A new directory for the data of a simulation, in which nothing waits for a disk. */
    public static Path newDirectory() throws IOException {
        return Files.createTempDirectory(temporary(), "simulation");
    }

    /** In memory if possible: nothing here has to survive this process. */
    private static Path temporary() {
        var memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Only runs for its version; all other calls go to {@link SimRestic}. */
    private static ResticProgram restic(Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("restic"), "#!/bin/sh\necho restic 0.18.0\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new ResticProgram(file.toString(), "/usr/bin:/bin");
    }

    /** Deletes a directory and all that is in it. */
    public static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
