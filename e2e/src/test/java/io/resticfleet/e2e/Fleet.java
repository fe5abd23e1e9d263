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
 * A server with machines, in a temporary directory: one server for each test, or one for the class if it is held in a
 * static field.
 *
 * <p>Ends what it started, whatever came of the test, and shows the logs of a test that failed.
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

    /** Starts a new server in a directory that is not there yet. */
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
        begin();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (!shared) {
            begin();
        }
    }

    private void begin() throws Exception {
        directory = Files.createTempDirectory("fleet-e2e").toRealPath();
        server = start.server(directory.resolve("server"));
    }

    ServerProcess server() {
        return server;
    }

    /** Another server, which has no user yet; it ends with the test. */
    ServerProcess unclaimed() throws Exception {
        var unclaimed = ServerProcess.startUnclaimed(place("server"));
        others.add(unclaimed);
        return unclaimed;
    }

    /** A new empty directory, with a space in its name. */
    Path place(String name) throws IOException {
        return Files.createDirectories(directory.resolve(++count + " " + name));
    }

    /** Ends this program too when the test does. */
    Program owned(Program program) {
        programs.add(program);
        return program;
    }

    /** A machine on which nothing is installed yet; skips the test where there can be none. */
    TestMachine empty() throws Exception {
        var machine = TestMachine.start(place("machine"));
        empty.add(machine);
        return machine;
    }

    /** A machine that backs up these paths to a new repository beside it, made ready by {@link Plan#join}. */
    MachineBuilder machine(Restic restic, Path... paths) throws IOException {
        var place = place("machine");
        return new MachineBuilder(place, restic, place.resolve("repository").toString(), List.of(paths));
    }

    /** What is to be known of a machine before it joins. */
    final class MachineBuilder {
        private final Path place;
        private final Restic restic;
        private final List<Path> paths;
        private final Map<String, String> repository = new HashMap<>();
        private Path stateDir;
        private Path program;
        private Optional<String> address = Optional.empty();
        private List<String> under = List.of();

        private MachineBuilder(Path place, Restic restic, String url, List<Path> paths) {
            this.place = place;
            this.restic = restic;
            this.paths = paths;
            this.stateDir = place.resolve("state");
            this.program = restic.file();
            repository.put("url", url);
        }

        /** A field of the repository as the operator enters it. */
        MachineBuilder repository(String field, String value) {
            repository.put(field, value);
            return this;
        }

        MachineBuilder stateDir(Path other) {
            stateDir = other;
            return this;
        }

        /** The address at which the agent looks for the server, if not the server's own. */
        MachineBuilder through(String url) {
            address = Optional.of(url);
            return this;
        }

        /** The program that starts the agent. */
        MachineBuilder under(List<String> starter) {
            under = starter;
            return this;
        }

        /** The program the agent is told to use for restic. */
        MachineBuilder program(Path file) {
            program = file;
            return this;
        }

        /** Enrols and starts the agent; returns when the server sees it. */
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
            var agent = new AgentProcess(place, stateDir, program);
            agent.under(under);
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
                    place,
                    host.path("id").asText(),
                    name,
                    stateDir,
                    agent,
                    Path.of(repository.get("url")),
                    restic.on(place, repository.get("url"), password));
            machines.add(machine);
            return machine;
        }
    }

    /**
     * A machine of the fleet.
     *
     * @param repository its directory, if it is one
     * @param restic on its repository, without the fleet
     */
    record Machine(
            Path place,
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
            show("server", server == null ? "it did not start" : server.log());
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
            end();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        end();
    }

    private void end() throws Exception {
        if (server != null) {
            server.stop();
        }
        // A backup outlives its agent by design, but not its repository.
        for (var process : Processes.naming(directory)) {
            process.destroyForcibly();
            process.onExit().get();
        }
        Directories.delete(directory);
    }

    private static void show(String what, String log) {
        var lines = log.lines().toList();
        System.out.println("---- the end of the log of the " + what);
        lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()).forEach(System.out::println);
    }
}
