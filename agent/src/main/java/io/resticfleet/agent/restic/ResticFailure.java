package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.protocol.ToServer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Why restic failed, from its exit code and its messages; the first pattern that matches wins.
 *
 * <p>Exit codes 10 to 12 exist since restic 0.17; for older versions and all other failures the message decides.
 */
public enum ResticFailure {
    LOCKED("repository is already locked( exclusively)? by", "the repository is locked"),
    WRONG_PASSWORD(
            "wrong password or no key found",
            "the repository password is wrong; correct it in the host's repository settings"),
    PASSWORD_MISSING(
            "an empty password is not (a password|allowed)|Resolving password failed|cannot read both password and data",
            "the repository password is empty; set it in the host's repository settings"),
    AUTH(
            "\\b401 Unauthorized",
            "the backup server refused the user name or password (401); correct them in the host's repository settings"),
    FORBIDDEN(
            "\\b403 Forbidden",
            "the backup server forbids this (403); an append-only server does not delete: run forget and prune"
                    + " from a host that may"),
    NO_SPACE(
            "no space left on device|\\b507 Insufficient Storage|disk quota exceeded",
            "no space left at the repository or on this machine; free some"),
    REPO_EXISTS("config file already exists", "the repository already exists"),
    REPO_NOT_FOUND(
            "repository does not exist|unable to open config file: (<config/> does not exist|stat .*: no such file or"
                    + " directory)",
            "there is no repository at the configured location"),
    NETWORK(
            "connection refused|no such host|no route to host|network is unreachable|i/o timeout|request timeout"
                    + "|connection reset|TLS handshake|HTTP response \\(5\\d\\d\\)|response unexpected: 5\\d\\d",
            "repository unreachable; check the backup server and the network"),
    STOPPED(
            "context canceled|signal (interrupt|terminated) received",
            "restic was stopped by a signal from outside the agent"),
    CACHE_DIR(
            "unable to open cache",
            "restic cannot use its cache directory; make sure that the agent's state directory is writable"),
    DAMAGED(
            "repository contains errors|LoadIndex returned errors|ciphertext verification failed"
                    + "|packs from index missing|not found in repository|invalid data returned"
                    + "|config file has zero size|Unmarshal: unexpected end",
            "the repository is damaged; run a check, and follow restic's guide to repairing a repository"),
    SNAPSHOT_NOT_FOUND(
            "no matching ID found|no snapshot (was )?found|no snapshot matched", "there is no such snapshot"),
    PATH_MISSING("all (target|source) directories/files do not exist|nothing to backup", "none of the paths exist"),
    PERMISSION_DENIED(
            "permission denied", "permission denied; make sure that the agent may read and write what the job needs"),
    USAGE(
            "unknown (flag|command|shorthand)|invalid argument|mutually exclusive|Please specify|invalid value for"
                    + "|parsing repository location failed|invalid (compression|pattern|number)"
                    + "|must be absolute|no policy was specified|refusing to|not allowed unless|must specify a time"
                    + "|invalid type",
            "restic rejected its arguments"),
    LOCAL_FILE("no such file or directory|does not exist", "a file that restic needs does not exist"),
    FILES_UNREADABLE("(?!)", "some files could not be read"),
    CRASHED("(?!)", "restic crashed or ran out of memory"),
    KILLED("(?!)", "restic was killed, possibly because the machine ran out of memory"),
    UNKNOWN("(?!)", "restic failed");

    private static final String NO_MESSAGE =
            "restic failed without a message; check for space on the disk of the agent's state directory";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_QUOTE = 500;

    private static final Pattern HOLDER = Pattern.compile(
            "already locked( exclusively)? by PID (\\d+) on (\\S+) by (\\S+).*?lock was created at (\\S+ \\S+) \\((.+?) ago\\)",
            Pattern.DOTALL);

    private final Pattern pattern;
    private final String advice;

    ResticFailure(String pattern, String advice) {
        this.pattern = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
        this.advice = advice;
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

    /** The code on the wire, such as {@code wrong_password}; listed at {@link ToServer.JobFinished}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
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
            return this == UNKNOWN ? NO_MESSAGE : advice;
        }
        return advice + " (restic: " + quote + ")";
    }

    /** restic's final message: that of {@code exit_error} if there is one, otherwise stderr without the retry notices. */
    private static String message(String stderr) {
        var lines = stderr.lines().toList();
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).startsWith("{\"message_type\":\"exit_error\"")) {
                try {
                    return JSON.readTree(lines.get(i)).path("message").asText();
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
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }
}
