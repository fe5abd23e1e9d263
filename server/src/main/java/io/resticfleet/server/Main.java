package io.resticfleet.server;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.auth.Users;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.recovery.DatabaseRestore;
import io.resticfleet.server.recovery.KeyBundle;
import io.resticfleet.server.recovery.KeyRestore;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.recovery.SealedKeys;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.secret.PassphraseBox;
import io.resticfleet.server.secret.SecretBox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: reads what was typed, does it, and says in the operator's words what went wrong. */
public final class Main {

    /** What looks at the server as it runs, whatever the environment it is typed in. */
    private static final Set<Command> OF_THE_SERVER = EnumSet.of(Command.BACKUP, Command.DOCTOR);

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
        LogSetup.apply();
        int status = new Main(System.getenv(), System.in, System.out, System.err, Clock.tickMillis(ZoneOffset.UTC))
                .run(arguments);
        if (status != WORKED) {
            System.exit(status);
        }
    }

    /** Returns the exit status: 0, 1 if it failed, 2 if it was asked wrongly. A server goes on after this. */
    int run(String... arguments) {
        var line = CommandLine.parse(arguments);
        var command = Command.of(line.command());
        if (command.equals(Optional.of(Command.HELP))) {
            out.print(help());
            return WORKED;
        }
        if (command.equals(Optional.of(Command.VERSION))) {
            out.println("restic-fleet " + ServerVersion.text());
            return WORKED;
        }
        var problems = new ArrayList<>(line.problems());
        if (command.isEmpty()) {
            problems.add("'" + line.command() + "' is not a command; see --help");
        }
        command.filter(known -> line.operands().size() != (known.operand.isEmpty() ? 0 : 1))
                .ifPresent(known -> problems.add(
                        known.word + (known.operand.isEmpty() ? " takes no more words" : " takes one " + known.operand)
                                + " but was given " + line.operands()));
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
            log.error("{} failed", line.command(), e);
            return FAILED;
        }
    }

    private Optional<ServerConfig> config(CommandLine line, ArrayList<String> problems) {
        try {
            var config = ServerConfig.from(environment, line.flags());
            if (Command.of(line.command()).filter(OF_THE_SERVER::contains).isEmpty()) {
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

    private int run(Command command, CommandLine line, ServerConfig config) throws IOException {
        return switch (command) {
            case SERVE -> serve(config);
            case BACKUP -> backup(config, Path.of(line.operands().get(0)));
            case RESTORE -> restore(config, Path.of(line.operands().get(0)));
            case RESET_PASSWORD -> resetPassword(config, line.operands().get(0));
            case DOCTOR -> new Doctor(config, clock, out).run() ? WORKED : FAILED;
            case INSTALL -> install(line.flags());
            case UNINSTALL, PURGE -> remove(command.word);
            case HELP, VERSION -> throw new AssertionError(command); // done without settings
        };
    }

    private int serve(ServerConfig config) {
        log.info("starting restic-fleet version={} {}", ServerVersion.text(), config);
        var app = App.start(config, clock);
        Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
        out.println("listening on " + app.url());
        out.flush();
        return WORKED;
    }

    private int install(Map<String, String> flags) throws IOException {
        new Installer(clock, out).install(flags);
        return WORKED;
    }

    private int remove(String word) throws IOException {
        new Installer(clock, out).remove(word);
        return WORKED;
    }

    private int backup(ServerConfig config, Path target) {
        var passphrase = new Passphrase(config.passphraseFile()).choose();
        if (passphrase.isPresent()) {
            var bundle = KeyBundle.collect(config);
            SecretKeyCheck.check(
                    SecretBox.open(config.secretKeyFile()), config.secretKeyFile(), DatabaseFile.in(config.dataDir()));
            var sealed = new PassphraseBox(passphrase.get()).seal(bundle.toJson());
            DatabaseFile.copy(config.dataDir(), target, copied -> SealedKeys.put(copied, sealed));
            out.println("the database was copied to " + target + " and checked; in it, sealed with the passphrase: "
                    + String.join(", ", bundle.names()));
            out.println("keep it off this machine, and the passphrase elsewhere: without it the keys are lost");
            return WORKED;
        }
        DatabaseFile.copy(config.dataDir(), target);
        out.println("the database was copied to " + target
                + " and checked; it holds no keys, as no passphrase was given" + " (--passphrase-file)");
        out.println("keep the key file " + config.secretKeyFile() + " too, in another place: without it the repository"
                + " passwords in the copy are lost, with it anybody can read them");
        return WORKED;
    }

    private int restore(ServerConfig config, Path copy) {
        var keys = new KeyRestore(config, new Passphrase(config.passphraseFile())::ask, clock.instant());
        var done = DatabaseRestore.run(config.dataDir(), copy, clock, keys);
        out.println("restored " + copy + " to " + DatabaseFile.in(config.dataDir()));
        keys.words().forEach(out::println);
        var known = RecordedSettings.in(DatabaseFile.in(config.dataDir()));
        if (!known.isEmpty() && !known.equals(config.given())) {
            out.println("the settings of its server were, to be set here as they fit:");
            known.forEach((name, value) -> out.println("  " + name + "=" + value));
        }
        done.aside().ifPresent(aside -> out.println("the database that was there is kept as " + aside));
        out.println(
                "at the next start, no machine is sent schedules or credentials until you decide whose schedules hold:"
                        + " see the first page, or GET /api/restored");
        if (!done.current()) {
            out.println("it is of an older version; the next start brings it up to date");
            return WORKED;
        }
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            SecretKeyCheck.checkAll(config, db);
        } catch (OperatorError e) {
            out.println("before you start the server: " + e.getMessage());
        }
        return WORKED;
    }

    private int resetPassword(ServerConfig config, String username) throws IOException {
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            var users = new Users(db, new Audit(db, clock), clock);
            if (!users.resetPassword(Actor.local("console"), username, password())) {
                throw new OperatorError("there is no user " + username);
            }
            out.println("the password of " + username + " is changed, and all sessions of that user have ended");
            return WORKED;
        } catch (IllegalArgumentException e) {
            throw new OperatorError(e.getMessage(), e);
        }
    }

    /** Typed unseen at a terminal; else the first line of what is piped in. */
    private String password() throws IOException {
        var console = System.console();
        if (console != null && in == System.in) {
            var typed = new String(console.readPassword("New password: "));
            if (!typed.equals(new String(console.readPassword("Again: ")))) {
                throw new OperatorError("the two are not the same; nothing has changed");
            }
            return typed;
        }
        var line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        return Optional.ofNullable(line).orElseThrow(() -> new OperatorError("no password on standard input"));
    }

    private static String help() {
        return "restic-fleet " + ServerVersion.text() + ": one place for the backups of all machines\n\n"
                + "usage: java -jar restic-fleet.jar [command] [settings]\n\ncommands:\n" + Command.help()
                + "\nsettings, as --flag value, --flag=value or environment variable:\n" + ServerConfig.help();
    }
}
