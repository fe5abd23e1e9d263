package io.resticfleet.server.cli;

import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The passphrase for the keys in a backup: from a file, or typed at a terminal without echo; never an argument. */
final class PassphrasePrompt {

    /** Protects stolen backups from offline guessing. */
    private static final int MIN_LENGTH = 12;

    private final Optional<Path> file;

    /** @param file has the passphrase in its first line; absent to ask at the terminal */
    PassphrasePrompt(Optional<Path> file) {
        this.file = file;
    }

    /**
     * A new passphrase, for sealing. Asks twice.
     *
     * @return empty if there is no file, and no terminal or no input there
     * @throws OperatorError if it is too short, or the file cannot be read
     */
    Optional<String> choose() {
        var chosen = file.map(PassphrasePrompt::firstLine).or(() -> {
            var typed = typed("Passphrase for the keys in the backup (empty leaves them out): ");
            if (typed.isPresent() && !typed.equals(typed("Again: "))) {
                throw new OperatorError("the two passphrases differ; no backup was made");
            }
            return typed;
        });
        if (chosen.filter(text -> text.length() < MIN_LENGTH).isPresent()) {
            throw new OperatorError("the passphrase has fewer than " + MIN_LENGTH
                    + " characters, too few against guessing if the backup is stolen. No backup was made");
        }
        return chosen;
    }

    /**
     * The passphrase of an existing backup.
     *
     * @return empty if there is no file, and no terminal or no input there
     * @throws OperatorError if the file cannot be read
     */
    Optional<String> ask() {
        return file.map(PassphrasePrompt::firstLine).or(() -> typed("Passphrase of the backup: "));
    }

    private static Optional<String> typed(String question) {
        var console = System.console();
        return Optional.ofNullable(console == null ? null : console.readPassword(question))
                .map(String::new)
                .filter(text -> !text.isEmpty());
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst()
                    .filter(line -> !line.isEmpty())
                    .orElseThrow(() -> new OperatorError("the passphrase file " + file + " is empty"));
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new OperatorError("the passphrase file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
