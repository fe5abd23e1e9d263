package io.resticfleet.server.page.job;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A restic command line from an agent's log, for users to paste into a shell. A compromised agent could log anything, so
 * a line is offered only if it is a command that agents really run, without anything else a shell would act on.
 */
final class ResticLine {

    private static final String PREFIX = "running: restic ";
    private static final Pattern WORD = Pattern.compile("[\\w@%+=:,./-]+|'[^'\\p{Cntrl}]*'(?:\\\\''[^'\\p{Cntrl}]*')*");
    private static final Pattern LINE = Pattern.compile("(?:" + WORD + ")(?: (?:" + WORD + "))*");
    private static final Set<String> COMMANDS = Set.of("backup", "check", "forget", "prune", "unlock");
    private static final Set<String> OPTIONS = Set.of(
            "--dry-run",
            "--host",
            "--tag",
            "--exclude",
            "--one-file-system",
            "--exclude-caches",
            "--limit-upload",
            "--no-scan",
            "--group-by",
            "--keep-last",
            "--keep-hourly",
            "--keep-daily",
            "--keep-weekly",
            "--keep-monthly",
            "--keep-yearly",
            "--keep-within");

    private ResticLine() {}

    /**
     * The command line.
     *
     * @param logLine a line of a job's log
     * @return empty if the line is not about a command, or about one that agents do not run
     */
    static Optional<String> of(String logLine) {
        if (!logLine.startsWith(PREFIX)) {
            return Optional.empty();
        }
        var line = logLine.substring(PREFIX.length()).replaceFirst("^--json ", "");
        if (!LINE.matcher(line).matches()) {
            return Optional.empty();
        }
        var words =
                WORD.matcher(line).results().map(word -> unquoted(word.group())).toList();
        var options =
                words.stream().skip(1).takeWhile(word -> !word.equals("--")).map(word -> word.split("=", 2)[0]);
        return COMMANDS.contains(words.get(0)) && options.allMatch(OPTIONS::contains)
                ? Optional.of("restic " + line)
                : Optional.empty();
    }

    private static String unquoted(String word) {
        return word.startsWith("'") ? word.substring(1, word.length() - 1).replace("'\\''", "'") : word;
    }
}
