package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.Json;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What restic printed to stderr about itself and the repository. Lines about single files are left out, and the names in
 * the others, so that no name decides which failure it was.
 */
record ErrorLines(List<String> lines) {

    /** What restic puts before a line of ssh. */
    static final String SSH = "subprocess ssh: ";

    /** restic's words when ssh has ended; why is in those of ssh. */
    static final String SSH_ENDED = "unable to start the sftp session";

    private static final String EXIT_ERROR = "{\"message_type\":\"exit_error\"";

    /** Of a message, the first line is the sentence; an address, a hint or a Go stack trace follows. */
    private static final Pattern SENTENCE = Pattern.compile("^(Fatal: )+");

    private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

    /** An operation at the backend, which restic repeats or gives up. */
    private static final Pattern OPERATION =
            Pattern.compile("^\\w+\\(.*?\\)+ (?:returned error, retrying after [^:]+|failed): ");

    /** Go's error about a file, such as {@code open /srv/x: permission denied}: the reason follows the last colon. */
    private static final Pattern FILE = Pattern.compile("\\b([A-Za-z]+(?: [a-z]+)?) /.*(?=: [^:/]+$)");

    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

    /** All lines, in the order in which they were printed; of a message only its sentence. */
    static ErrorLines of(String stderr) {
        return new ErrorLines(stderr.lines()
                .map(line -> ESCAPE.matcher(line).replaceAll("").strip())
                .flatMap(line -> sentence(line).stream())
                .filter(line -> !line.isEmpty())
                .toList());
    }

    /**
     * The lines of the failure: restic's last message if there is one, otherwise all without retries; and what ssh or
     * rclone printed before.
     */
    static ErrorLines ofFailure(String stderr) {
        var all =
                stderr.lines().map(line -> ESCAPE.matcher(line).replaceAll("")).toList();
        var subprocess = all.stream().filter(line -> line.startsWith("subprocess ") || line.startsWith("rclone: "));
        var last = all.stream()
                .filter(line -> line.startsWith(EXIT_ERROR) || line.startsWith("Fatal: "))
                .reduce((earlier, later) -> later);
        var message = last.isPresent()
                ? sentence(last.get()).stream()
                : of(stderr).lines().stream()
                        .filter(line -> !OPERATION.matcher(line).find());
        return new ErrorLines(Stream.concat(subprocess, message)
                .filter(line -> !line.isBlank())
                .distinct()
                .toList());
    }

    private static Optional<String> sentence(String line) {
        if (line.startsWith(EXIT_ERROR)) {
            try {
                return sentenceOf(Json.FOREIGN.readTree(line).path("message").asText());
            } catch (JsonProcessingException e) {
                return Optional.empty(); // truncated
            }
        }
        return line.startsWith("{") || ResticEvent.parse(line) instanceof ResticEvent.PathMissing
                ? Optional.empty()
                : Optional.of(SENTENCE.matcher(line).replaceFirst(""));
    }

    /** With the answer of Azure, which its library prints some lines below. */
    static Optional<String> sentenceOf(String message) {
        var lines = message.lines()
                .map(text -> SENTENCE.matcher(text).replaceFirst("").strip())
                .filter(text -> !text.isEmpty())
                .toList();
        var answer = lines.stream().skip(1).filter(ErrorLines::isAnswer);
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(Stream.concat(lines.stream().limit(1), answer).collect(Collectors.joining(": ")));
    }

    /**
     * Whether a line is the status of a request that failed.
     *
     * @see <a href="https://pkg.go.dev/github.com/Azure/azure-sdk-for-go/sdk/azcore#ResponseError">azcore: ResponseError</a>
     */
    static boolean isAnswer(String line) {
        return line.startsWith("RESPONSE ");
    }

    /** The first line that matches, as restic printed it. */
    Optional<String> find(Pattern pattern) {
        return lines.stream()
                .filter(line -> pattern.matcher(withoutNames(line)).find())
                .findFirst();
    }

    /** The last that ssh printed: the first may be what its server shows everybody. */
    Optional<String> lastOfSsh() {
        return lines.stream().filter(line -> line.startsWith(SSH)).reduce((earlier, later) -> later);
    }

    /** The line, without the operation before the error, and with a mark in place of each path and quoted text. */
    private static String withoutNames(String line) {
        var error = OPERATION.matcher(line).replaceFirst("");
        return QUOTED.matcher(FILE.matcher(error).replaceAll("$1 FILE")).replaceAll("TEXT");
    }
}
