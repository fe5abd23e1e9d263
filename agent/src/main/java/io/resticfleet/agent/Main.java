package io.resticfleet.agent;

import io.resticfleet.agent.cli.CommandFailed;
import io.resticfleet.agent.cli.Doctor;
import io.resticfleet.agent.cli.EnrollCommand;
import io.resticfleet.agent.cli.TrustCommand;
import io.resticfleet.agent.cli.UnitCommand;
import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.restic.SystemEncoding;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.agent.upgrade.Jar;
import io.resticfleet.agent.upgrade.Trial;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The command line. The only place that knows the real clock, and that ends the process. */
public final class Main {

    private static final int WRONG_USE = 2;
    private static final int FAILED = 1;

    private Main() {}

    public static void main(String[] arguments) {
        LogSetup.apply();
        Thread.setDefaultUncaughtExceptionHandler(new HaltOnError());
        System.exit(command(Arrays.asList(arguments), System.getenv(), System.out, System.err));
    }

    /** Runs a command to its end; returns the exit code. */
    static int command(List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        var command = arguments.isEmpty() ? "--help" : arguments.get(0);
        try {
            switch (command) {
                case "--help", "-h", "help" -> {
                    out.print(AgentConfig.help());
                    return arguments.isEmpty() ? WRONG_USE : 0;
                }
                case "version", "--version" -> {
                    out.println("restic-fleet-agent " + AgentVersion.text());
                    return 0;
                }
                case "unit" -> {
                    return UnitCommand.run(arguments.subList(1, arguments.size()), out);
                }
                case "enroll", "run", "doctor", "trust" -> {
                    var rest = arguments.subList(1, arguments.size());
                    if (rest.contains("--help")) {
                        out.print(AgentConfig.help());
                        return 0;
                    }
                    return act(command, AgentConfig.read(command, rest, environment), environment, out);
                }
                default -> {
                    err.println("'" + command + "' is not a command; see --help");
                    return WRONG_USE;
                }
            }
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return WRONG_USE;
        } catch (StateDirectory.DamagedFile e) {
            err.println(e.getMessage() + "; it was left as it is. Restore it, or move it away");
            return FAILED;
        } catch (CommandFailed | UncheckedIOException e) {
            err.println(e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static int act(String command, AgentConfig config, Map<String, String> environment, PrintStream out)
            throws CommandFailed, InterruptedException {
        if (command.equals("enroll")) {
            EnrollCommand.run(config, out);
            return 0;
        }
        if (command.equals("trust")) {
            TrustCommand.run(config, out);
            return 0;
        }
        if (command.equals("doctor")) {
            return new Doctor(config, environment, InstantSource.system(), System::nanoTime, out).examine()
                    ? 0
                    : FAILED;
        }
        run(config);
        return 0;
    }

    private static void run(AgentConfig config) throws CommandFailed, InterruptedException {
        var state = StateDirectory.open(config.stateDir());
        var identity = Identity.find(state)
                .orElseThrow(() -> new CommandFailed("this machine is not enrolled yet (state directory " + state.root()
                        + "); run enroll --server URL --token T first"));
        var lock = StateLock.take(state);
        try {
            var jar = Jar.running();
            var trial =
                    jar.map(own -> Trial.begin(state, own, System::nanoTime, Threads.OF_SYSTEM, () -> System.exit(0)));
            var upgrades = new Agent.Upgrades(jar, config.upgrades(), trial, () -> System.exit(0));
            serve(config, state, identity, upgrades);
        } finally {
            lock.close();
        }
    }

    private static void serve(AgentConfig config, StateDirectory state, Identity identity, Agent.Upgrades upgrades)
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
                        Level.WARNING, "what has letters beyond ASCII in its path cannot be backed up: " + advice));
        var agent = Agent.start(
                state,
                identity,
                new Environment(
                        Clock.tickMillis(ZoneOffset.UTC), // the server keeps milliseconds
                        System::nanoTime,
                        ZoneId.systemDefault(),
                        config.restic(),
                        config.policy(),
                        LinkTimes.DEFAULT,
                        Limits.DEFAULT,
                        Duration.ofSeconds(1)),
                upgrades);
        Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "shutdown"));
        new CountDownLatch(1).await(); // until a signal ends the process
    }
}
