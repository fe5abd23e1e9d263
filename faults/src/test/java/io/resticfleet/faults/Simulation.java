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

    static final int MACHINES = 3;

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
    private final Voice voice;

    /**
     * @param storm how long things go wrong
     * @param voice says what happens as it happens, or not
     */
    Simulation(long seed, Duration storm, Voice voice) {
        this.seed = seed;
        this.storm = storm;
        this.voice = voice;
    }

    /** Whether a run says what happens. */
    enum Voice {
        SILENT,
        LOUD
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
        Dice.seed(chance.split());
        var timeline = new Timeline();
        var witness = new Witness(timeline, voice);
        var between = Duration.ofHours(chance.nextInt(2, 40));
        var weather = new Weather(timeline, witness, chance.split(), between);
        var headquarters = new Headquarters(timeline, directory.resolve("server"), witness);
        var operator = new Operator(timeline, headquarters, witness, chance.split());
        var program = restic(directory);
        var machines = new ArrayList<Machine>();
        headquarters.start();
        for (int i = 0; i < MACHINES; i++) {
            var name = "m" + i;
            var line = new Line(name, timeline, headquarters, chance.split());
            headquarters.connect(line);
            var zone = ZoneId.of(
                    List.of("UTC", "Europe/Berlin", "America/New_York").get(i));
            machines.add(new Machine(
                    name, timeline, line, witness, zone, program, new Repository(i), weather, chance.split()));
        }
        machines.forEach(operator::enrol);
        machines.forEach(Machine::start);
        operator.begin();
        weather.begin(headquarters, machines);
        timeline.every(Duration.ofHours(1), () -> machines.forEach(machine -> Pending.check(machine, witness)));
        timeline.runUntil(Timeline.START.plus(storm));

        weather.end();
        machines.forEach(Machine::destroyTwins);
        headquarters.disk().mend();
        headquarters.disk().dieAt(0);
        headquarters.start();
        operator.rest();
        machines.forEach(Machine::heal);
        timeline.runUntil(Timeline.START.plus(storm).plus(HEALING));

        var verdict = new Verdict(timeline, witness, headquarters, operator.plans(), machines);
        verdict.judge();
        machines.forEach(Machine::killAgent);
        headquarters.kill();
        if (errors.get() != null && !(errors.get() instanceof Killed)) {
            witness.failed("an error reached the top: " + errors.get());
        }
        return new Result(
                List.copyOf(witness.failures()),
                witness.fingerprint(),
                machines.stream()
                        .mapToInt(machine -> machine.repository().snapshots().size())
                        .sum(),
                verdict.due());
    }

    /** In memory where there is such a place: nothing here has to survive this process. */
    private static Path temporary() {
        var memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Asked for its version once; all else is asked of {@link Restic}. */
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
