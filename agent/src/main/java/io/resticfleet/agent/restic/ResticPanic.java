package io.resticfleet.agent.restic;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A crash of restic. Go prints the reason, and the functions that were running, the innermost first, with the first bytes of
 * the ids they were called with: {@code …LoadUnpacked(0xc000, …, {0x98, 0xea, 0x6e, 0x4f, 0x21, ...})}.
 *
 * @see <a href="https://pkg.go.dev/runtime#hdr-Environment_Variables">Go: GOTRACEBACK</a>
 */
final class ResticPanic {

    private static final Pattern READER = Pattern.compile("\\.(?:Load|ForAll)(Config|Snapshot|Lock|Index)(?:e?s)?[.(]");
    private static final Pattern ID = Pattern.compile("\\{((?:0x[0-9a-f]{1,2}, ){4,5})");
    private static final Pattern BYTE = Pattern.compile("0x([0-9a-f]{1,2})");

    /** From a file's content to what it is a part of; what is further out may read other files. */
    private static final int CALLS = 4;

    private ResticPanic() {}

    /**
     * The file of the repository that restic could not read, such as {@code snapshots/98ea6e4f21…}; empty if it crashed at
     * something else.
     */
    static Optional<String> file(String stderr) {
        var calls = stderr.lines()
                .dropWhile(line -> !line.startsWith("goroutine "))
                .skip(1)
                .takeWhile(line -> !line.isBlank())
                .filter(line -> !line.startsWith("\t"))
                .limit(CALLS)
                .toList();
        return isAtFile(calls)
                ? directory(calls).flatMap(directory -> file(directory, calls.get(0)))
                : Optional.empty();
    }

    /** Whether it was reading the file, or handling a snapshot that it had read. */
    private static boolean isAtFile(List<String> calls) {
        return calls.size() > 1
                && (calls.get(0).contains(".LoadUnpacked(") || calls.get(1).contains(".ForAllSnapshots."));
    }

    private static Optional<String> directory(List<String> calls) {
        return calls.stream()
                .flatMap(call -> READER.matcher(call).results().map(found -> found.group(1)))
                .findFirst()
                .map(reader -> switch (reader) {
                    case "Config" -> "config";
                    case "Index" -> "index/";
                    case "Lock" -> "locks/";
                    default -> "snapshots/";
                });
    }

    private static Optional<String> file(String directory, String call) {
        return directory.endsWith("/")
                ? ID.matcher(call).results().findFirst().map(id -> directory + digits(id) + "…")
                : Optional.of(directory);
    }

    private static String digits(MatchResult id) {
        var digits = new StringBuilder();
        BYTE.matcher(id.group(1))
                .results()
                .forEach(one ->
                        digits.append(one.group(1).length() == 1 ? "0" : "").append(one.group(1)));
        return digits.toString();
    }
}
