package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The agent's jar on one simulated machine. */
final class AgentProcess {

    static final Path JAR =
            Path.of("../agent/target/restic-fleet-agent.jar").toAbsolutePath().normalize();

    private final Path directory;
    private final Path stateDir;
    private final Map<String, String> environment = new HashMap<>();
    private List<String> starter = List.of();
    private Program program;

    /** @param restic value of RESTIC_FLEET_RESTIC */
    AgentProcess(Path directory, Path stateDir, Path restic) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.stateDir = stateDir;
        environment.put("RESTIC_FLEET_RESTIC", restic.toString());
    }

    /** Sets the locale, from the next start on. */
    void locale(String locale) {
        environment.put("LANG", locale);
    }

    /** Allows hooks of schedules, from the next start on. */
    void allowHooks() {
        environment.put("RESTIC_FLEET_ALLOW_HOOKS", "1");
    }

    /** Sets where the policy file is, from the next command on. */
    void policy(Path file) {
        environment.put("RESTIC_FLEET_POLICY", file.toString());
    }

    /** Sets a program that starts the agent, such as strace, from the next start on. */
    void startedBy(List<String> starter) {
        this.starter = starter;
    }

    Program.Ended enroll(String server, String token, String... more) throws Exception {
        var arguments = new ArrayList<>(List.of("--server", server, "--token", token));
        arguments.addAll(List.of(more));
        return command("enroll", arguments);
    }

    /** Runs a command of the agent that ends by itself. */
    Program.Ended command(String command, List<String> more) throws Exception {
        var arguments = new ArrayList<>(List.of(command, "--state-dir", stateDir.toString()));
        arguments.addAll(more);
        return Program.run(directory, environment, Program.startedBy(starter, Program.java(JAR, arguments)));
    }

    void start() throws IOException {
        var arguments = List.of("run", "--state-dir", stateDir.toString());
        program = Program.start(
                directory, logFile(), environment, Program.startedBy(starter, Program.java(JAR, arguments)));
    }

    void kill() throws InterruptedException {
        program.kill();
    }

    void stop() throws InterruptedException {
        if (program != null) {
            program.stop();
        }
    }

    boolean alive() {
        return program.alive();
    }

    void assertAlive() throws IOException {
        assertThat(program.alive()).as("the agent is alive: " + log()).isTrue();
    }

    String log() throws IOException {
        return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    }

    private Path logFile() {
        return directory.resolve("agent.log");
    }
}
