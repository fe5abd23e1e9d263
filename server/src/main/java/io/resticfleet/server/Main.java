package io.resticfleet.server;

import io.resticfleet.program.Command;
import io.resticfleet.program.CommandLine;
import io.resticfleet.program.LogSetup;
import io.resticfleet.server.cli.Doctor;
import io.resticfleet.server.cli.Installer;
import io.resticfleet.server.cli.RecoveryCommands;
import io.resticfleet.server.cli.ServerCommand;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.config.ServerVersion;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.web.LocalPrograms;
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

/** The program: parses the command line, runs the command, and reports errors to the operator. */
public final class Main {

    /** Commands about the installed server: they also use the settings that it was last started with. */
    private static final Set<ServerCommand> WITH_RECORDED_SETTINGS =
            EnumSet.of(ServerCommand.BACKUP, ServerCommand.DOCTOR);

    private static final List<ServerCommand> COMMANDS = List.of(ServerCommand.values());

    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private static final int SUCCESS = 0;
    private static final int FAILURE = 1;
    private static final int USAGE_ERROR = 2;

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
        if (status != SUCCESS) {
            System.exit(status);
        }
    }

    /** Returns the exit status: 0 for success, 1 for a failure, 2 for a usage error. A server keeps running after this. */
    int run(String... arguments) {
        var line = CommandLine.parse(List.of(arguments), COMMANDS, ServerCommand.SERVE, ServerConfig.SETTINGS);
        var command = line.command();
        if (command.equals(Optional.of(ServerCommand.HELP))) {
            out.print(help());
            return SUCCESS;
        }
        if (command.equals(Optional.of(ServerCommand.VERSION))) {
            out.println("restic-fleet " + ServerVersion.text());
            return SUCCESS;
        }
        var problems = new ArrayList<>(line.problems());
        var config = config(line, problems);
        if (!problems.isEmpty() || config.isEmpty()) {
            problems.forEach(err::println);
            return USAGE_ERROR;
        }
        try {
            return run(command.orElseThrow(), line, config.get());
        } catch (OperatorError | StorageRefused e) {
            err.println(e.getMessage());
            return FAILURE;
        } catch (IOException | RuntimeException e) {
            log.error("{} failed", command.orElseThrow().word(), e);
            return FAILURE;
        }
    }

    private Optional<ServerConfig> config(CommandLine<ServerCommand> line, ArrayList<String> problems) {
        try {
            var config = ServerConfig.from(environment, line.flags());
            if (line.command().filter(WITH_RECORDED_SETTINGS::contains).isEmpty()) {
                return Optional.of(config);
            }
            // The shell's environment is not the service's, but the command must find the service's files.
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
                return new Doctor(config, ServerVersion.text(), clock, out).run() ? SUCCESS : FAILURE;
            }
            case INSTALL -> installer.install(line.flags());
            case UNINSTALL, PURGE -> installer.remove(command.word());
            case HELP, VERSION -> throw new AssertionError(command); // run without settings
        }
        return SUCCESS;
    }

    private void serve(ServerConfig config) {
        log.info("starting restic-fleet version={} {}", ServerVersion.text(), config);
        var app = App.start(
                config,
                () -> Database.open(config.dataDir(), clock),
                clock,
                System::nanoTime,
                Uptime::read,
                BundledAgent.find());
        Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
        if (config.loopbackOnly()) {
            log.info(
                    "other machines cannot reach this server; for their agents, set RESTIC_FLEET_LISTEN to an address of the"
                            + " network, RESTIC_FLEET_PUBLIC_URL and RESTIC_FLEET_TLS, or put a proxy in front of it");
        }
        if (config.localPrograms() == LocalPrograms.NEED_NONE
                && config.publicUrl().isPresent()) {
            log.warn(
                    "programs on this machine read /metrics without credentials; if a proxy here serves {}, everybody can unless"
                            + " it adds X-Forwarded-For or keeps /metrics to itself; RESTIC_FLEET_METRICS_LOOPBACK=off ends this",
                    config.publicUrl().get());
        }
        out.println("listening on " + app.url());
        out.flush();
    }

    private static String help() {
        return "restic-fleet " + ServerVersion.text() + ": one place for the backups of all machines\n\n"
                + "usage: java -jar restic-fleet.jar [command] [settings]\n\ncommands:\n" + Command.help(COMMANDS)
                + "\nsettings, as --flag value, --flag=value or environment variable:\n" + ServerConfig.help();
    }
}
