package io.resticfleet.server.cli;

import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The passphrase for the keys in a backup: from a file, or typed unseen at a terminal; never an argument. */
final class PassphrasePrompt {

    /** Whoever finds a backup can guess as often as they like. */
    private static final int SHORTEST = 12;

    private final Optional<Path> file;

    /** @param file its first line; absent to have it asked for */
    PassphrasePrompt(Optional<Path> file) {
        this.file = file;
    }

    /**
     * For sealing: asked for twice.
     *
     * @return empty if there is no file, and nobody at a terminal or nothing typed there
     * @throws OperatorError if it is too short, or the file cannot be read
     */
    Optional<String> choose() {
        var chosen = file.map(PassphrasePrompt::firstLine).or(() -> {
            var typed = typed("Passphrase for the keys in the backup (empty leaves them out): ");
            if (typed.isPresent() && !typed.equals(typed("Again: "))) {
                throw new OperatorError("the two are not the same; no backup was made");
            }
            return typed;
        });
        if (chosen.filter(text -> text.length() < SHORTEST).isPresent()) {
            throw new OperatorError("the passphrase has fewer than " + SHORTEST
                    + " characters; whoever finds a backup can guess as often as they like. No backup was made");
        }
        return chosen;
    }

    /**
     * For opening.
     *
     * @return empty if there is no file, and nobody at a terminal or nothing typed there
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
