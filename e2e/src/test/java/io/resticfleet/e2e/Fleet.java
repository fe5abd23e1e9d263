package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server with machines in a temporary directory: one per test, or one per class if it is held in a static field.
 *
 * <p>Stops everything it started, whatever the outcome, and prints the logs of a failed test.
 */
final class Fleet implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final int SHOWN_LINES = 60;

    private final List<Machine> machines = new ArrayList<>();
    private final List<Program> programs = new ArrayList<>();
    private final List<ServerProcess> others = new ArrayList<>();
    private final List<TestMachine> empty = new ArrayList<>();
    private final Start start;
    private Path directory;
    private ServerProcess server;
    private boolean shared;
    private int count;

    /** Starts a new server in a directory that does not exist yet. */
    @FunctionalInterface
    interface Start {
        ServerProcess server(Path directory) throws Exception;
    }

    Fleet() {
        this(ServerProcess::start);
    }

    Fleet(Start start) {
        this.start = start;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        shared = true;
        startServer();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (!shared) {
            startServer();
        }
    }

    private void startServer() throws Exception {
        directory = Files.createTempDirectory("fleet-e2e").toRealPath();
        server = start.server(directory.resolve("server"));
    }

    ServerProcess server() {
        return server;
    }

    /** Another server without users; it is stopped after the test. */
    ServerProcess unclaimed() throws Exception {
        var unclaimed = ServerProcess.startUnclaimed(directory("server"));
        others.add(unclaimed);
        return unclaimed;
    }

    /** A new empty directory with a space in its name. */
    Path directory(String name) throws IOException {
        return Files.createDirectories(directory.resolve(++count + " " + name));
    }

    /** Kills this program after the test. */
    Program owned(Program program) {
        programs.add(program);
        return program;
    }

    /** A machine without installation; skips the test if there can be none. */
    TestMachine empty() throws Exception {
        var machine = TestMachine.start(directory("machine"));
        empty.add(machine);
        return machine;
    }

    /** A machine that backs up these paths to a new repository beside it; started by {@link MachineBuilder#join}. */
    MachineBuilder machine(Restic restic, Path... paths) throws IOException {
        var directory = directory("machine");
        return new MachineBuilder(
                directory, restic, directory.resolve("repository").toString(), List.of(paths));
    }

    /** Settings of a machine before it is enrolled. */
    final class MachineBuilder {
        private final Path directory;
        private final Restic restic;
        private final List<Path> paths;
        private final Map<String, String> repository = new HashMap<>();
        private Path stateDir;
        private Path program;
        private Optional<String> address = Optional.empty();
        private List<String> starter = List.of();

        private MachineBuilder(Path directory, Restic restic, String url, List<Path> paths) {
            this.directory = directory;
            this.restic = restic;
            this.paths = paths;
            this.stateDir = directory.resolve("state");
            this.program = restic.file();
            repository.put("url", url);
        }

        /** Sets a field of the repository, as an operator would. */
        MachineBuilder repository(String field, String value) {
            repository.put(field, value);
            return this;
        }

        MachineBuilder stateDir(Path other) {
            stateDir = other;
            return this;
        }

        /** Sets the server URL that the agent uses, instead of the server's own. */
        MachineBuilder through(String url) {
            address = Optional.of(url);
            return this;
        }

        /** Sets a program that starts the agent. */
        MachineBuilder startedBy(List<String> starter) {
            this.starter = starter;
            return this;
        }

        /** Sets the program that the agent uses as restic. */
        MachineBuilder program(Path file) {
            program = file;
            return this;
        }

        /** Enrols and starts the agent; returns once the server shows it online. */
        Machine join() throws Exception {
            var machine = enrol();
            machine.agent().start();
            server.awaitOnline(machine.host());
            return machine;
        }

        Machine enrol() throws Exception {
            var answer = server.post(
                    "/api/enrollment-tokens",
                    Map.of(
                            "hostname",
                            "machine-" + count,
                            "repository",
                            repository,
                            "initial_paths",
                            paths.stream().map(Path::toString).toList()));
            var agent = new AgentProcess(directory, stateDir, program);
            agent.startedBy(starter);
            var enrolled = agent.enroll(
                    address.orElse(server.url()), answer.path("token").asText());
            assertThat(enrolled.status()).as(enrolled.output()).isZero();
            var name = "machine-" + count;
            var host = server.items("/api/hosts?limit=200").stream()
                    .filter(item -> item.path("hostname").asText().equals(name))
                    .findFirst()
                    .orElseThrow();
            var password = Optional.ofNullable(repository.get("repo_password"))
                    .orElse(answer.path("repo_password").asText());
            var machine = new Machine(
                    directory,
                    host.path("id").asText(),
                    name,
                    stateDir,
                    agent,
                    Path.of(repository.get("url")),
                    restic.on(directory, repository.get("url"), password));
            machines.add(machine);
            return machine;
        }
    }

    /**
     * An enrolled machine.
     *
     * @param repository its directory, if it is local
     * @param restic runs on its repository outside the fleet
     */
    record Machine(
            Path directory,
            String host,
            String name,
            Path stateDir,
            AgentProcess agent,
            Path repository,
            Restic.On restic) {}

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (var machine : machines) {
            machine.agent().stop();
        }
        if (context.getExecutionException().isPresent()) {
            show("server", server == null ? "not started" : server.log());
            for (var other : others) {
                show("other server", other.log());
            }
            for (var machine : machines) {
                show("agent of " + machine.name(), machine.agent().log());
            }
        }
        machines.clear();
        for (var machine : empty) {
            machine.stop();
        }
        empty.clear();
        for (var program : programs) {
            program.kill();
        }
        programs.clear();
        for (var other : others) {
            other.stop();
        }
        others.clear();
        if (!shared) {
            stopServer();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        stopServer();
    }

    private void stopServer() throws Exception {
        if (server != null) {
            server.stop();
        }
        // A backup outlives its agent by design, but must not outlive its repository.
        for (var process : Processes.using(directory)) {
            process.destroyForcibly();
            process.onExit().get();
        }
        Directories.delete(directory);
    }

    private static void show(String what, String log) {
        var lines = log.lines().toList();
        System.out.println("---- last lines of the log of " + what);
        lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()).forEach(System.out::println);
    }
}
