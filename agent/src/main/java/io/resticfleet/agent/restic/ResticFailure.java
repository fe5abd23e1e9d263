package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Why restic failed, from its exit code and its messages; the first pattern that matches wins.
 *
 * <p>Exit codes 10 to 12 exist since restic 0.17; for older versions and all other failures the message decides.
 */
public enum ResticFailure {
    LOCKED("repository is already locked( exclusively)? by"),
    WRONG_PASSWORD("wrong password or no key found"),
    PASSWORD_MISSING(
            "an empty password is not (a password|allowed)|Resolving password failed|cannot read both password and data"),
    AUTH("\\b401 Unauthorized"),
    FORBIDDEN("\\b403 Forbidden"),
    NO_SPACE("no space left on device|\\b507 Insufficient Storage|disk quota exceeded"),
    REPO_EXISTS("config file already exists"),
    REPO_NOT_FOUND(
            "repository does not exist|unable to open config file: (<config/> does not exist|stat .*: no such file or"
                    + " directory)"),
    NETWORK("connection refused|no such host|no route to host|network is unreachable|i/o timeout|request timeout"
            + "|connection reset|TLS handshake|HTTP response \\(5\\d\\d\\)|response unexpected: 5\\d\\d"),
    STOPPED("context canceled|signal (interrupt|terminated) received"),
    CACHE_DIR("unable to open cache"),
    DAMAGED("repository contains errors|LoadIndex returned errors|ciphertext verification failed"
            + "|packs from index missing|not found in repository|invalid data returned"
            + "|config file has zero size|Unmarshal: unexpected end"),
    SNAPSHOT_NOT_FOUND("no matching ID found|no snapshot (was )?found|no snapshot matched"),
    PATH_MISSING("all (target|source) directories/files do not exist|nothing to backup"),
    PERMISSION_DENIED("permission denied"),
    USAGE("unknown (flag|command|shorthand)|invalid argument|mutually exclusive|Please specify|invalid value for"
            + "|parsing repository location failed|invalid (compression|pattern|number)"
            + "|must be absolute|no policy was specified|refusing to|not allowed unless|must specify a time"
            + "|invalid type"),
    LOCAL_FILE("no such file or directory|does not exist"),
    FILES_UNREADABLE("(?!)"),
    CRASHED("(?!)"),
    KILLED("(?!)"),
    UNKNOWN("(?!)");

    private static final String NO_MESSAGE =
            "restic failed without a message; check for space on the disk of the agent's state directory";

    private static final int MAX_QUOTE = 500;

    private static final Pattern HOLDER = Pattern.compile(
            "already locked( exclusively)? by PID (\\d+) on (\\S+) by (\\S+).*?lock was created at (\\S+ \\S+) \\((.+?) ago\\)",
            Pattern.DOTALL);

    private final Pattern pattern;

    ResticFailure(String pattern) {
        this.pattern = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
    }

    /** The failure of a restic that exited with a code other than 0. */
    public static ResticFailure classify(int exitCode, String stderr) {
        if (exitCode > 128 && exitCode != 130) {
            return KILLED;
        }
        var message = message(stderr);
        return switch (exitCode) {
            case 2 -> CRASHED;
            case 3 -> stderr.contains("403 Forbidden") ? FORBIDDEN : FILES_UNREADABLE;
            case 10 -> REPO_NOT_FOUND;
            case 11 -> LOCKED;
            case 12 -> WRONG_PASSWORD;
            case 130 -> STOPPED;
            default -> match(message, match(stderr, UNKNOWN));
        };
    }

    private static ResticFailure match(String text, ResticFailure otherwise) {
        for (var failure : values()) {
            if (failure.pattern.matcher(text).find()) {
                return failure;
            }
        }
        return otherwise;
    }

    public ErrorCode code() {
        return ErrorCode.valueOf(name());
    }

    /** The cause, what to do and restic's own message, for the operator. */
    public String explain(String stderr) {
        var message = message(stderr);
        if (this == LOCKED) {
            var holder = HOLDER.matcher(message);
            return holder.find()
                    ? "the repository is locked%s by %s on %s (pid %s) since %s UTC, %s; if nothing runs there, unlock it"
                            .formatted(
                                    holder.group(1) == null ? "" : holder.group(1),
                                    holder.group(4),
                                    holder.group(3),
                                    holder.group(2),
                                    holder.group(5),
                                    holder.group(6).replaceFirst("\\.\\d+s", "s") + " ago")
                    : "the repository is locked; if nothing uses it, unlock it";
        }
        var quote = firstLine(message);
        if (quote.isEmpty()) {
            return this == UNKNOWN ? NO_MESSAGE : code().meaning();
        }
        return code().meaning() + " (restic: " + quote + ")";
    }

    /** restic's final message: that of {@code exit_error} if there is one, otherwise stderr without the retry notices. */
    private static String message(String stderr) {
        var lines = stderr.lines().toList();
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).startsWith("{\"message_type\":\"exit_error\"")) {
                try {
                    return Json.FOREIGN.readTree(lines.get(i)).path("message").asText();
                } catch (JsonProcessingException e) {
                    break; // truncated: use the text
                }
            }
        }
        return String.join("\n", withoutRetries(lines));
    }

    private static List<String> withoutRetries(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.contains("returned error, retrying after"))
                .toList();
    }

    /** The first line only: a Go stack trace may follow. */
    private static String firstLine(String message) {
        var line = message.lines()
                .map(text -> text.replaceFirst("^(Fatal: )+", "").strip())
                .filter(text -> !text.isEmpty() && !text.startsWith("{"))
                .findFirst()
                .orElse("");
        return line.length() <= MAX_QUOTE ? line : line.substring(0, MAX_QUOTE) + "…";
    }
}
