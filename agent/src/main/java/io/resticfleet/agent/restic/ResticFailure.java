package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.ToServer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What went wrong when restic failed, told from its exit code and what it said; the first that matches wins.
 *
 * <p>Codes 10 to 12 exist since 0.17; before, and for all else, the words decide.
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
            "the backup server forbids this (403); an append-only server refuses to delete: run forget and prune"
                    + " from a host that may"),
    NO_SPACE(
            "no space left on device|\\b507 Insufficient Storage|disk quota exceeded",
            "there is no space left where the repository is, or on this machine; free some"),
    REPO_EXISTS("config file already exists", "the repository exists already"),
    REPO_NOT_FOUND(
            "repository does not exist|unable to open config file: (<config/> does not exist|stat .*: no such file or"
                    + " directory)",
            "there is no repository at the configured place"),
    NETWORK(
            "connection refused|no such host|no route to host|network is unreachable|i/o timeout|request timeout"
                    + "|connection reset|TLS handshake|HTTP response \\(5\\d\\d\\)|response unexpected: 5\\d\\d",
            "repository unreachable; is the backup server up, and the network?"),
    STOPPED(
            "context canceled|signal (interrupt|terminated) received",
            "restic was stopped by a signal that did not come from this agent"),
    CACHE_DIR(
            "unable to open cache",
            "restic cannot use its cache directory; see that the agent's state dir is writable"),
    DAMAGED(
            "repository contains errors|LoadIndex returned errors|ciphertext verification failed"
                    + "|packs from index missing|not found in repository|invalid data returned"
                    + "|config file has zero size|Unmarshal: unexpected end",
            "the repository is damaged; run a check, and see restic's guide to repairing a repository"),
    SNAPSHOT_NOT_FOUND(
            "no matching ID found|no snapshot (was )?found|no snapshot matched", "there is no such snapshot"),
    PATH_MISSING("all (target|source) directories/files do not exist|nothing to backup", "none of the paths exist"),
    PERMISSION_DENIED(
            "permission denied", "permission denied; see that the agent may read and write what the job needs"),
    USAGE(
            "unknown (flag|command|shorthand)|invalid argument|mutually exclusive|Please specify|invalid value for"
                    + "|parsing repository location failed|invalid (compression|pattern|number)"
                    + "|must be absolute|no policy was specified|refusing to|not allowed unless|must specify a time"
                    + "|invalid type",
            "restic did not accept how it was called"),
    LOCAL_FILE("no such file or directory|does not exist", "a file that restic needs is not there"),
    FILES_UNREADABLE("(?!)", "some files could not be read"),
    CRASHED("(?!)", "restic crashed or ran out of memory"),
    KILLED("(?!)", "restic was killed; was the machine out of memory?"),
    UNKNOWN("(?!)", "restic failed");

    private static final String WITHOUT_WORDS =
            "restic failed and said nothing; is the disk full on which the agent's state directory lies?";

    private static final int LONGEST_QUOTE = 500;

    private static final Pattern HOLDER = Pattern.compile(
            "already locked( exclusively)? by PID (\\d+) on (\\S+) by (\\S+).*?lock was created at (\\S+ \\S+) \\((.+?) ago\\)",
            Pattern.DOTALL);

    private final Pattern words;
    private final String meaning;

    ResticFailure(String words, String meaning) {
        this.words = Pattern.compile(words, Pattern.CASE_INSENSITIVE);
        this.meaning = meaning;
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

    /** For programs, such as {@code wrong_password}; listed at {@link ToServer.JobFinished}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
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
            return this == UNKNOWN ? WITHOUT_WORDS : meaning;
        }
        return meaning + " (restic: " + quote + ")";
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
