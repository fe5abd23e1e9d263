package io.resticfleet.server.page.job;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A call of restic that an agent says it made, for people to paste into a shell. An agent that was taken over could say
 * anything: only a call that agents really make, and that a shell takes for nothing else, is shown to be pasted.
 */
final class ResticLine {

    private static final String SAID = "running: restic ";
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
     * The line to paste.
     *
     * @param said a line of a job's log
     * @return absent if the line tells of no call, or of one that agents do not make
     */
    static Optional<String> of(String said) {
        if (!said.startsWith(SAID)) {
            return Optional.empty();
        }
        var line = said.substring(SAID.length()).replaceFirst("^--json ", "");
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
