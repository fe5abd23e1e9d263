package io.resticfleet.server.cli;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.auth.Users;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.OperatorError;
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
import java.time.InstantSource;
import java.util.Optional;

/** The commands that save a server and bring it, or a user's access, back. */
public final class RecoveryCommands {

    private final ServerConfig config;
    private final InputStream in;
    private final PrintStream out;
    private final InstantSource clock;

    /** @param in read for a new password where no terminal is */
    public RecoveryCommands(ServerConfig config, InputStream in, PrintStream out, InstantSource clock) {
        this.config = config;
        this.in = in;
        this.out = out;
        this.clock = clock;
    }

    /**
     * Copies the database to a file, also while the server runs, with the keys sealed in it if there is a passphrase.
     *
     * @throws OperatorError if the file exists, or the copy cannot be made; nothing is left of it then
     */
    public void backup(Path target) {
        var passphrase = new PassphrasePrompt(config.passphraseFile()).choose();
        if (passphrase.isPresent()) {
            var bundle = KeyBundle.collect(config);
            SecretKeyCheck.check(
                    SecretBox.open(config.secretKeyFile()), config.secretKeyFile(), DatabaseFile.in(config.dataDir()));
            var sealed = new PassphraseBox(passphrase.get()).seal(bundle.toJson());
            DatabaseFile.copy(config.dataDir(), target, copied -> SealedKeys.put(copied, sealed));
            out.println("the database was copied to " + target + " and checked; in it, sealed with the passphrase: "
                    + String.join(", ", bundle.names()));
            out.println("keep it off this machine, and the passphrase elsewhere: without it the keys are lost");
            return;
        }
        DatabaseFile.copy(config.dataDir(), target);
        out.println("the database was copied to " + target
                + " and checked; it holds no keys, as no passphrase was given" + " (--passphrase-file)");
        out.println("keep the key file " + config.secretKeyFile() + " too, in another place: without it the repository"
                + " passwords in the copy are lost, with it anybody can read them");
    }

    /**
     * Puts a file made by {@link #backup} in the place of the database, and its keys in theirs.
     *
     * @throws OperatorError if a server runs, or the file cannot be used; nothing is changed then
     */
    public void restore(Path copy) {
        var keys = new KeyRestore(config, new PassphrasePrompt(config.passphraseFile())::ask, clock.instant());
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
            return;
        }
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            SecretKeyCheck.checkAll(config, db);
        } catch (OperatorError e) {
            out.println("before you start the server: " + e.getMessage());
        }
    }

    /** @throws OperatorError if there is no such user, or the new password is too weak */
    public void resetPassword(String username) throws IOException {
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            var users = new Users(db, new Audit(db, clock), clock);
            if (!users.resetPassword(Actor.local("console"), username, password())) {
                throw new OperatorError("there is no user " + username);
            }
            out.println("the password of " + username + " is changed, and all sessions of that user have ended");
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
}
