package io.resticfleet.server;

import io.resticfleet.program.Command;
import io.resticfleet.program.CommandLine;
import io.resticfleet.program.LogSetup;
import io.resticfleet.server.cli.Doctor;
import io.resticfleet.server.cli.Installer;
import io.resticfleet.server.cli.RecoveryCommands;
import io.resticfleet.server.cli.ServerCommand;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.upgrade.BundledAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: reads what was typed, does it, and says in the operator's words what went wrong. */
public final class Main {

    /** What looks at the server as it runs, whatever the environment it is typed in. */
    private static final Set<ServerCommand> OF_THE_SERVER = EnumSet.of(ServerCommand.BACKUP, ServerCommand.DOCTOR);

    private static final List<ServerCommand> COMMANDS = List.of(ServerCommand.values());

    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private static final int WORKED = 0;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private final Map<String, String> environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final InstantSource clock;

    Main(Map<String, String> environment, InputStream in, PrintStream out, PrintStream err, InstantSource clock) {
        this.environment = environment;
        this.in = in;
        this.out = out;
        this.err = err;
        this.clock = clock;
    }

    public static void main(String[] arguments) {
        LogSetup.apply("org.eclipse.jetty", "org.flywaydb", "io.javalin");
        int status = new Main(System.getenv(), System.in, System.out, System.err, Clock.tickMillis(ZoneOffset.UTC))
                .run(arguments);
        if (status != WORKED) {
            System.exit(status);
        }
    }

    /** Returns the exit status: 0, 1 if it failed, 2 if it was asked wrongly. A server goes on after this. */
    int run(String... arguments) {
        var line = CommandLine.parse(List.of(arguments), COMMANDS, ServerCommand.SERVE, ServerConfig.SETTINGS);
        var command = line.command();
        if (command.equals(Optional.of(ServerCommand.HELP))) {
            out.print(help());
            return WORKED;
        }
        if (command.equals(Optional.of(ServerCommand.VERSION))) {
            out.println("restic-fleet " + ServerVersion.text());
            return WORKED;
        }
        var problems = new ArrayList<>(line.problems());
        var config = config(line, problems);
        if (!problems.isEmpty() || config.isEmpty()) {
            problems.forEach(err::println);
            return MISUSED;
        }
        try {
            return run(command.orElseThrow(), line, config.get());
        } catch (OperatorError | StorageRefused e) {
            err.println(e.getMessage());
            return FAILED;
        } catch (IOException | RuntimeException e) {
            log.error("{} failed", command.orElseThrow().word(), e);
            return FAILED;
        }
    }

    private Optional<ServerConfig> config(CommandLine<ServerCommand> line, ArrayList<String> problems) {
        try {
            var config = ServerConfig.from(environment, line.flags());
            if (line.command().filter(OF_THE_SERVER::contains).isEmpty()) {
                return Optional.of(config);
            }
            // Typed in another environment than the service's, it shall find the service's files.
            var settings = new HashMap<>(RecordedSettings.usableIn(DatabaseFile.in(config.dataDir())));
            settings.putAll(environment);
            return Optional.of(ServerConfig.from(settings, line.flags()));
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
            return Optional.empty();
        }
    }

    private int run(ServerCommand command, CommandLine<ServerCommand> line, ServerConfig config) throws IOException {
        var recovery = new RecoveryCommands(config, in, out, clock);
        var installer = new Installer(ServerVersion.text(), clock, out);
        switch (command) {
            case SERVE -> serve(config);
            case BACKUP -> recovery.backup(Path.of(line.operands().get(0)));
            case RESTORE -> recovery.restore(Path.of(line.operands().get(0)));
            case RESET_PASSWORD -> recovery.resetPassword(line.operands().get(0));
            case DOCTOR -> {
                return new Doctor(config, ServerVersion.text(), clock, out).run() ? WORKED : FAILED;
            }
            case INSTALL -> installer.install(line.flags());
            case UNINSTALL, PURGE -> installer.remove(command.word());
            case HELP, VERSION -> throw new AssertionError(command); // done without settings
        }
        return WORKED;
    }

    private void serve(ServerConfig config) {
        log.info("starting restic-fleet version={} {}", ServerVersion.text(), config);
        var app =
                App.start(config, Database.open(config.dataDir(), clock), clock, System::nanoTime, BundledAgent.find());
        Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
        out.println("listening on " + app.url());
        out.flush();
    }

    private static String help() {
        return "restic-fleet " + ServerVersion.text() + ": one place for the backups of all machines\n\n"
                + "usage: java -jar restic-fleet.jar [command] [settings]\n\ncommands:\n" + Command.help(COMMANDS)
                + "\nsettings, as --flag value, --flag=value or environment variable:\n" + ServerConfig.help();
    }
}
