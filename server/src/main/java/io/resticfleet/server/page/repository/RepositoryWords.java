package io.resticfleet.server.page.repository;

import io.resticfleet.server.repository.RepositoryView;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The state of a repository in words, with what to do. */
public final class RepositoryWords {

    private RepositoryWords() {}

    /** One of {@code ok warn bad off}. */
    public static String tone(RepositoryView repository) {
        return repository.unexpectedKeys() > 0 ? "bad" : toneOfStatus(repository);
    }

    private static String toneOfStatus(RepositoryView repository) {
        return switch (repository.status()) {
            case "ok" ->
                checkFailed(repository)
                        ? "bad"
                        : repository.maintainerAwaySince().isPresent() ? "warn" : "ok";
            case "locked" -> "warn";
            case "unreachable", "wrong_password", "damaged" -> "bad";
            default -> "off";
        };
    }

    public static String status(RepositoryView repository) {
        if (repository.unexpectedKeys() == 0) {
            return opened(repository);
        }
        var keys = repository.unexpectedKeys() == 1 ? "a key that nobody expects" : "keys that nobody expects";
        return toneOfStatus(repository).equals("bad") ? opened(repository) + "; " + keys : keys;
    }

    private static String opened(RepositoryView repository) {
        return switch (repository.status()) {
            case "ok" ->
                checkFailed(repository)
                        ? "last check failed"
                        : repository.maintainerAwaySince().isPresent() ? "its maintainer is offline" : "good";
            case "locked" -> "locked";
            case "unreachable" -> "cannot be reached";
            case "wrong_password" -> "wrong password";
            case "damaged" -> "damaged";
            default -> repository.hosts().isEmpty() ? "not used" : "not opened yet";
        };
    }

    /** What to do; empty if nothing has to be done. */
    public static String advice(RepositoryView repository) {
        return Stream.of(
                        repository.unexpectedKeys() == 0
                                ? ""
                                : "Look at its keys under Maintenance: who has the password of one can read all backups.",
                        repository.maintainerAwaySince().isEmpty()
                                ? ""
                                : "Its maintainer has been offline for more than a week: nothing is removed, pruned or lost, but"
                                        + " the repository grows. Start that machine, or choose another one under Maintainer.",
                        adviceOnStatus(repository))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String adviceOnStatus(RepositoryView repository) {
        return switch (repository.status()) {
            case "ok" -> checkFailed(repository) ? "Its failed check names what to do." : "";
            case "locked" ->
                "Another restic uses it, or one that crashed left its lock. If nothing runs there, remove stale locks; locks in"
                        + " use stay.";
            case "unreachable" ->
                "Check that its server runs, that its machines can reach it, and that location and credentials are right. Then"
                        + " press Test.";
            case "wrong_password" -> "Enter its repository password under Settings.";
            case "damaged" -> "Its failed job names what to do. Until then keep the other copies of its data.";
            default ->
                repository.hosts().isEmpty()
                        ? "Have a machine use it, under Settings, or choose it when you add one."
                        : "Press Test, or wait for its first backup.";
        };
    }

    private static boolean checkFailed(RepositoryView repository) {
        return repository.lastCheck().filter(check -> !check.ok()).isPresent();
    }

    /** Whether its machines can remove snapshots. */
    static String appendOnly(RepositoryView repository) {
        return switch (repository.appendOnly()) {
            case "yes" -> "no: it is append-only for them";
            case "no" -> "yes: an intruder on one of them could delete all of it";
            default -> "not known yet";
        };
    }

    /** How much of the data a check has read, such as {@code , 10 % of the data read}. */
    static String share(RepositoryView.LastCheck check) {
        long percent = Math.round(check.dataReadShare() * 100);
        return percent == 0 ? ", structure only" : ", " + percent + " % of the data read";
    }
}
