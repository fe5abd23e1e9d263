package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What went wrong when restic failed, told from its exit code and what it said; the first that matches wins.
 *
 * <p>Codes 10 to 12 exist since 0.17; before, and for all else, the words decide.
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

    private static final String WITHOUT_WORDS =
            "restic failed and said nothing; is the disk full on which the agent's state directory lies?";

    private static final int LONGEST_QUOTE = 500;

    private static final Pattern HOLDER = Pattern.compile(
            "already locked( exclusively)? by PID (\\d+) on (\\S+) by (\\S+).*?lock was created at (\\S+ \\S+) \\((.+?) ago\\)",
            Pattern.DOTALL);

    private final Pattern words;

    ResticFailure(String words) {
        this.words = Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    /** Tells what happened to a restic that did not exit with 0. */
    public static ResticFailure classify(int exitCode, String stderr) {
        if (exitCode > 128 && exitCode != 130) {
            return KILLED;
        }
        var said = said(stderr);
        return switch (exitCode) {
            case 2 -> CRASHED;
            case 3 -> stderr.contains("403 Forbidden") ? FORBIDDEN : FILES_UNREADABLE;
            case 10 -> REPO_NOT_FOUND;
            case 11 -> LOCKED;
            case 12 -> WRONG_PASSWORD;
            case 130 -> STOPPED;
            default -> match(said, match(stderr, UNKNOWN));
        };
    }

    private static ResticFailure match(String text, ResticFailure otherwise) {
        for (var failure : values()) {
            if (failure.words.matcher(text).find()) {
                return failure;
            }
        }
        return otherwise;
    }

    public ErrorCode code() {
        return ErrorCode.valueOf(name());
    }

    /** For the operator: what it is, what to do, and what restic said. */
    public String explain(String stderr) {
        var said = said(stderr);
        if (this == LOCKED) {
            var holder = HOLDER.matcher(said);
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
        var quote = firstLine(said);
        if (quote.isEmpty()) {
            return this == UNKNOWN ? WITHOUT_WORDS : code().meaning();
        }
        return code().meaning() + " (restic: " + quote + ")";
    }

    /** Restic's last words: of {@code exit_error} if there is one, else all but the notices of retries. */
    private static String said(String stderr) {
        var lines = stderr.lines().toList();
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).startsWith("{\"message_type\":\"exit_error\"")) {
                try {
                    return Json.FOREIGN.readTree(lines.get(i)).path("message").asText();
                } catch (JsonProcessingException e) {
                    break; // cut short; take the text
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

    /** May be followed by a whole Go stack trace. */
    private static String firstLine(String said) {
        var line = said.lines()
                .map(text -> text.replaceFirst("^(Fatal: )+", "").strip())
                .filter(text -> !text.isEmpty() && !text.startsWith("{"))
                .findFirst()
                .orElse("");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }
}
