package io.resticfleet.server.cli;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.auth.ApiToken;
import io.resticfleet.server.auth.ApiTokens;
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
import java.util.stream.Collectors;

/** The commands that back up and restore a server, and reset a user's password. */
public final class RecoveryCommands {

    private final ServerConfig config;
    private final InputStream in;
    private final BufferedReader lines;
    private final PrintStream out;
    private final InstantSource clock;

    /** @param in source of answers, and of a new password if there is no terminal */
    public RecoveryCommands(ServerConfig config, InputStream in, PrintStream out, InstantSource clock) {
        this.config = config;
        this.in = in;
        this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        this.out = out;
        this.clock = clock;
    }

    /**
     * Copies the database to a file, also while the server runs. With a passphrase, the copy includes the sealed keys.
     *
     * @throws OperatorError if the file exists, or the copy fails; no partial file remains
     */
    public void backup(Path target) {
        var passphrase = new PassphrasePrompt(config.passphraseFile()).choose();
        if (passphrase.isPresent()) {
            var bundle = KeyBundle.collect(config);
            SecretKeyCheck.check(
                    SecretBox.open(config.secretKeyFile()), config.secretKeyFile(), DatabaseFile.in(config.dataDir()));
            var sealed = new PassphraseBox(passphrase.get()).seal(bundle.toJson());
            DatabaseFile.copy(config.dataDir(), target, copied -> SealedKeys.put(copied, sealed));
            out.println("the database was copied to " + target
                    + " and checked; it contains, sealed with the passphrase: " + String.join(", ", bundle.names()));
            out.println("keep the file on another machine, and the passphrase in another place: without the passphrase"
                    + " the keys are lost");
            return;
        }
        DatabaseFile.copy(config.dataDir(), target);
        out.println("the database was copied to " + target
                + " and checked; it contains no keys, as no passphrase was given (--passphrase-file)");
        out.println("keep a copy of the key file " + config.secretKeyFile() + " in another place: without it the"
                + " repository passwords in the copy are lost, with it anybody can read them");
    }

    /**
     * Replaces the database by a file made by {@link #backup}, and the keys by those in it.
     *
     * @throws OperatorError if a server is running, or the file cannot be used; nothing is changed then
     */
    public void restore(Path copy) {
        var keys = new KeyRestore(config, new PassphrasePrompt(config.passphraseFile())::ask, clock.instant());
        var done = DatabaseRestore.run(config.dataDir(), copy, clock, keys);
        out.println("restored " + copy + " to " + DatabaseFile.in(config.dataDir()));
        keys.words().forEach(out::println);
        var known = RecordedSettings.in(DatabaseFile.in(config.dataDir()));
        if (!known.isEmpty() && !known.equals(config.given())) {
            out.println("its server had these settings; set them here as appropriate:");
            known.forEach((name, value) -> out.println("  " + name + "=" + value));
        }
        done.aside().ifPresent(aside -> out.println("the former database is kept as " + aside));
        out.println("after the next start, the server sends no schedules and no credentials until you decide which"
                + " schedules should apply: see the first page, or GET /api/restored");
        if (!done.current()) {
            out.println("the database has an older version; the next start upgrades it");
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
            var audit = new Audit(db, clock);
            var users = new Users(db, audit, clock);
            var console = Actor.local("console");
            if (!users.resetPassword(console, username, password())) {
                throw new OperatorError("there is no user " + username);
            }
            out.println("the password of " + username + " was changed, and all sessions of this user were ended");
            endTokens(new ApiTokens(db, audit, clock), console, username);
        } catch (IllegalArgumentException e) {
            throw new OperatorError(e.getMessage(), e);
        }
    }

    private void endTokens(ApiTokens tokens, Actor actor, String username) throws IOException {
        var names = tokens.of(username).stream().map(ApiToken::name).collect(Collectors.joining(", "));
        if (names.isEmpty()) {
            return;
        }
        out.println("API tokens of " + username + " that stay valid: " + names + ". Delete them? yes or no:");
        if (Optional.ofNullable(lines.readLine())
                .filter(answer -> answer.strip().equals("yes"))
                .isPresent()) {
            tokens.deleteAll(actor, username);
            out.println("they were deleted");
        } else {
            out.println("they were kept; the page Settings deletes them one by one");
        }
    }

    /** Typed at a terminal without echo; otherwise the first line of standard input. */
    private String password() throws IOException {
        var console = System.console();
        if (console != null && in == System.in) {
            var typed = new String(console.readPassword("New password: "));
            if (!typed.equals(new String(console.readPassword("Again: ")))) {
                throw new OperatorError("the two passwords differ; nothing was changed");
            }
            return typed;
        }
        return Optional.ofNullable(lines.readLine())
                .orElseThrow(() -> new OperatorError("no password on standard input"));
    }
}
