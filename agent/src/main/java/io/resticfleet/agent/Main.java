package io.resticfleet.agent;

import io.resticfleet.agent.cli.AgentCommand;
import io.resticfleet.agent.cli.ApproveCommand;
import io.resticfleet.agent.cli.CommandFailed;
import io.resticfleet.agent.cli.Doctor;
import io.resticfleet.agent.cli.EnrollCommand;
import io.resticfleet.agent.cli.TrustCommand;
import io.resticfleet.agent.cli.UnitCommand;
import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.config.SystemZone;
import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.restic.SystemEncoding;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.state.StateLock;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.agent.upgrade.Jar;
import io.resticfleet.agent.upgrade.Trial;
import io.resticfleet.program.Command;
import io.resticfleet.program.CommandLine;
import io.resticfleet.program.LogSetup;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The command line. Only this class uses the real clock and ends the process. */
public final class Main {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    private static final List<AgentCommand> COMMANDS = List.of(AgentCommand.values());

    private Main() {}

    public static void main(String[] arguments) {
        LogSetup.apply();
        Thread.setDefaultUncaughtExceptionHandler(new HaltOnError());
        System.exit(command(Arrays.asList(arguments), System.getenv(), System.out, System.err));
    }

    /** Runs a command to its end; returns the exit code. */
    static int command(List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        var line = CommandLine.parse(arguments, COMMANDS, AgentCommand.HELP, AgentConfig.SETTINGS);
        var command = line.command();
        if (command.equals(Optional.of(AgentCommand.HELP))) {
            out.print(help());
            return arguments.isEmpty() ? WRONG_USE : OK;
        }
        if (command.equals(Optional.of(AgentCommand.VERSION))) {
            out.println("restic-fleet-agent " + AgentVersion.text());
            return OK;
        }
        var problems = new ArrayList<>(line.problems());
        var config = config(line, environment, problems);
        if (!problems.isEmpty() || config.isEmpty()) {
            problems.forEach(err::println);
            return WRONG_USE;
        }
        try {
            return act(command.orElseThrow(), config.get(), line, environment, out);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return WRONG_USE;
        } catch (StateDirectory.DamagedFile e) {
            err.println(e.getMessage() + "; the file was not changed. Restore it, or move it away");
            return FAILED;
        } catch (CommandFailed | UncheckedIOException e) {
            err.println(e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static Optional<AgentConfig> config(
            CommandLine<AgentCommand> line, Map<String, String> environment, List<String> problems) {
        // The unit does not depend on the environment.
        boolean isolated = line.command().equals(Optional.of(AgentCommand.UNIT));
        var word = line.command().map(AgentCommand::word).orElse("");
        try {
            return Optional.of(AgentConfig.read(word, line.flags(), isolated ? Map.of() : environment));
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
            return Optional.empty();
        }
    }

    private static int act(
            AgentCommand command,
            AgentConfig config,
            CommandLine<AgentCommand> line,
            Map<String, String> environment,
            PrintStream out)
            throws CommandFailed, InterruptedException {
        switch (command) {
            case ENROLL -> EnrollCommand.run(config, out);
            case TRUST -> TrustCommand.run(config, out);
            case APPROVE -> ApproveCommand.run(config, line.operands().get(0), System.in, out, InstantSource.system());
            case RUN -> run(config);
            case DOCTOR -> {
                var doctor = new Doctor(config, environment, InstantSource.system(), System::nanoTime, out);
                return doctor.examine() ? OK : FAILED;
            }
            case UNIT -> UnitCommand.run(line.flags(), out);
            case VERSION, HELP -> throw new AssertionError(command); // handled without settings
        }
        return OK;
    }

    private static void run(AgentConfig config) throws CommandFailed, InterruptedException {
        var zone = new SystemZone(System::nanoTime); // first, as anything else may use the time zone
        var state = StateDirectory.open(config.stateDir());
        var identity = Identity.find(state)
                .orElseThrow(() -> new CommandFailed("this machine is not enrolled yet (state directory " + state.root()
                        + "); run enroll --server URL --token T first"));
        var lock = StateLock.take(state)
                .orElseThrow(
                        () -> new CommandFailed("another agent is running with the state directory " + state.root()));
        try {
            var jar = Jar.running();
            var trial =
                    jar.map(own -> Trial.begin(state, own, System::nanoTime, Threads.OF_SYSTEM, () -> System.exit(0)));
            var upgrades = new Agent.Upgrades(jar, config.upgrades(), trial, () -> System.exit(0));
            serve(config, state, identity, zone, upgrades);
        } finally {
            lock.close();
        }
    }

    private static void serve(
            AgentConfig config, StateDirectory state, Identity identity, SystemZone zone, Agent.Upgrades upgrades)
            throws InterruptedException {
        var log = System.getLogger(Main.class.getName());
        log.log(
                Level.INFO,
                "agent starts version=" + AgentVersion.text() + " state_dir=" + state.root()
                        + " server=" + identity.server() + " pin="
                        + (identity.pin().isPresent() ? "on" : "off")
                        + " upgrades=" + (config.upgrades().allows() ? "from-server" : "off"));
        identity.server().warning().ifPresent(warning -> log.log(Level.WARNING, warning));
        SystemEncoding.advice()
                .ifPresent(advice -> log.log(
                        Level.WARNING,
                        "files with non-ASCII characters in their path cannot be backed up:  " + advice));
        var agent = Agent.start(
                state,
                identity,
                new Environment(
                        Clock.tickMillis(ZoneOffset.UTC), // the server keeps milliseconds
                        System::nanoTime,
                        zone,
                        config.restic(),
                        config.policy(),
                        LinkTimes.DEFAULT,
                        Limits.DEFAULT,
                        Duration.ofSeconds(1),
                        Fstab.OF_SYSTEM),
                upgrades);
        Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "shutdown"));
        new CountDownLatch(1).await(); // until a signal ends the process
    }

    private static String help() {
        return """
                The restic-fleet agent: backs up this machine as its server defines, and keeps doing so without it.

                Usage: java -jar restic-fleet-agent.jar COMMAND [OPTIONS]

                """ + Command.help(COMMANDS) + "\n" + AgentConfig.help();
    }
}
