package io.resticfleet.agent.restic;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.WellFormedText;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why restic failed, from its exit code and its messages; the first pattern that matches wins. Patterns are matched
 * against single {@link ErrorLines}, which hold no file names.
 *
 * <p>Exit codes 10 to 12 exist since restic 0.17; for older versions and all other failures the message decides.
 */
public enum ResticFailure {
    LOCKED("^(unable to create lock in backend: )?repository is already locked( exclusively)? by "),
    WRONG_PASSWORD("(^|: )wrong password or no key found$"),
    PASSWORD_MISSING("^(an empty password is not (a password|allowed)|Resolving password failed"
            + "|cannot read both password and data)"),
    AUTH(http("401") + "|: The (AWS )?Access Key Id you provided does not exist in our records\\.?$"
            + "|: The request signature we calculated does not match the signature you provided\\b"
            + "|Server failed to authenticate the request|malformed storage account key|decode account key"), // azure
    SSH_KEY_REFUSED("^subprocess ssh: .*(permission denied( \\(|, )|too many authentication failures)"),
    FORBIDDEN(
            http("403") + "|: (Access Denied\\.?|Forbidden)$|This request is not authorized to perform this operation"),
    CERTIFICATE("(: |^)(tls: failed to verify certificate: )?x509: "),
    HOST_KEY_CHANGED("^subprocess ssh: (\\S+ )?host key for .* has changed"),
    HOST_KEY("^subprocess ssh: (Host key verification failed|No .* host key is known for )"),
    WRONG_REGION(": The specified location constraint is not valid\\b|the region '.*' is wrong; expecting "),
    PROGRAM_MISSING("exec: TEXT: executable file not found\\b"),
    BACKEND_MISSING("parsing repository location failed: invalid backend$"),
    REMOTE_MISSING("^rclone: .*didn't find section in config file"),
    READ_ONLY(": read-only file system$"),
    TOO_LARGE(http("413")),
    THROTTLED(http("429") + "|: Please reduce your request rate\\.?$|: SlowDown\\b"),
    NO_SPACE("no space left on device$|" + http("507") + "|disk quota exceeded$"),
    REPO_EXISTS("(^|: )config file already exists$"),
    REPO_NOT_FOUND("^(create repository at .* failed: )?repository does not exist\\b"
            + "|^unable to open config file: (" + NotThere.IN_ANY_BACKEND + ")"),
    NETWORK("connection refused$|no such host$|no route to host$|network is unreachable$|i/o timeout$|request timeout$"
            + "|connection reset by peer$|broken pipe$|TLS handshake timeout$|server misbehaving$|: (unexpected )?EOF$"
            + "|context deadline exceeded|connection timed out$|no answer from the server$"
            + "|server gave HTTP response to HTTPS client$|name or service not known$"
            + "|temporary failure in name resolution$|" + ErrorLines.SSH_ENDED + "\\b|"
            + http("5\\d\\d")),
    STOPPED("(^|: )context canceled$|^signal (interrupt|terminated) received"),
    CACHE_DIR("^unable to open cache: "),
    DAMAGED("^repository contains errors$|^LoadIndex returned errors|ciphertext verification failed"
            + "|^packs from index missing|not found in repository$|invalid data returned$"
            + "|^config file has zero size|Unmarshal: unexpected end"),
    SNAPSHOT_NOT_FOUND("\\bno matching ID found\\b|\\bno snapshot (was )?found$|^no snapshot matched"),
    PATH_MISSING("^all (target|source) directories/files do not exist|^nothing to backup"),
    PERMISSION_DENIED("permission denied$"),
    USAGE("^(unknown (flag|command|shorthand)|invalid argument |invalid value for |parsing repository location failed"
            + "|Please specify |no policy was specified|refusing to |must specify a time|All path filters must be absolute"
            + "|invalid number |--[a-z-]+ is not allowed unless )|mutually exclusive"
            + "|^--[a-z-]+: invalid pattern|: invalid (compression|type)\\b"),
    LOCAL_FILE("no such file or directory$|does not exist$"),
    FILES_UNREADABLE("(?!)"),
    CRASHED("(?!)"),
    PANIC("^panic: "),
    BAD_FILE("^panic: "),
    KILLED("(?!)"),
    UNKNOWN("(?!)");

    private static final String NO_MESSAGE =
            "restic failed without a message; check for space on the disk of the agent's state directory";

    private static final String CACHE_WARNING = "unable to open cache: ";

    private static final int MAX_QUOTE = 500;

    /** Exit code of ssh or rclone, not of a signal. */
    private static final int SUBPROCESS = 255;

    private static final Pattern HOLDER = Pattern.compile(
            "already locked( exclusively)? by PID (\\d+) on (\\S+) by (\\S+).*?lock was created at (\\S+ \\S+) \\((.+?) ago\\)",
            Pattern.DOTALL);

    private final Pattern pattern;

    ResticFailure(String pattern) {
        this.pattern = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
    }

    /** The failure of a restic that exited with a code other than 0. */
    public static ResticFailure classify(int exitCode, String stderr) {
        if (exitCode > 128 && exitCode != 130 && exitCode != SUBPROCESS) {
            return KILLED;
        }
        return switch (exitCode) {
            case 2 -> crash(stderr);
            case 3 -> ErrorLines.of(stderr).find(FORBIDDEN.pattern).isPresent() ? FORBIDDEN : FILES_UNREADABLE;
            case 10 -> REPO_NOT_FOUND;
            case 11 -> LOCKED;
            case 12 -> WRONG_PASSWORD;
            case 130 -> STOPPED;
            default ->
                cacheDir(stderr)
                        .or(() -> match(ErrorLines.ofFailure(stderr)))
                        .or(() -> match(ErrorLines.of(stderr)))
                        .orElse(UNKNOWN);
        };
    }

    /** Since restic 0.19 the last message does not say that its reason is of the cache. */
    private static Optional<ResticFailure> cacheDir(String stderr) {
        var reasons = ErrorLines.ofFailure(stderr).lines();
        return ErrorLines.of(stderr).lines().stream()
                .filter(line -> reasons.stream().anyMatch(reason -> line.equals(CACHE_WARNING + reason)))
                .findFirst()
                .map(line -> CACHE_DIR);
    }

    private static ResticFailure crash(String stderr) {
        if (ErrorLines.of(stderr).find(PANIC.pattern).isEmpty()) {
            return CRASHED;
        }
        return ResticPanic.file(stderr).isPresent() ? BAD_FILE : PANIC;
    }

    private static Optional<ResticFailure> match(ErrorLines lines) {
        return Stream.of(values())
                .filter(failure -> lines.find(failure.pattern).isPresent())
                .findFirst();
    }

    /** An answer of a rest-server or a proxy before it, in the words of restic before and since 0.17, and of S3. */
    private static String http(String status) {
        return "(^|[:,] )(unexpected HTTP response \\(" + status + "\\)|server response( unexpected)?: " + status + " |"
                + status + " [A-Za-z][A-Za-z' -]*$)";
    }

    public ErrorCode code() {
        return ErrorCode.valueOf(name());
    }

    /** The cause, what to do and restic's own message, for the operator. */
    public String explain(String stderr) {
        if (this == LOCKED) {
            var holder = HOLDER.matcher(stderr);
            return holder.find()
                    ? "the repository is locked%s by %s on %s (pid %s) since %s, %s"
                            .formatted(
                                    holder.group(1) == null ? "" : holder.group(1),
                                    holder.group(4),
                                    holder.group(3),
                                    holder.group(2),
                                    holder.group(5).replace(' ', 'T') + "Z", // see ResticEnvironment
                                    age(holder.group(6)))
                    : "the repository is locked; if nothing uses it, unlock it";
        }
        var lines = ErrorLines.ofFailure(stderr);
        var quote = lines.find(pattern)
                .or(() -> ErrorLines.of(stderr).find(pattern))
                .or(() -> lines.lines().stream().findFirst())
                .map(line ->
                        line.contains(ErrorLines.SSH_ENDED) ? lines.lastOfSsh().orElse(line) : line)
                .map(line -> WellFormedText.cut(line, MAX_QUOTE));
        var meaning = code().meaning()
                + (this == BAD_FILE
                        ? ResticPanic.file(stderr)
                                .map(file -> ", " + file + "; the others are not affected")
                                .orElse("")
                        : "");
        return quote.map(line -> meaning + " (restic: " + line + ")").orElse(this == UNKNOWN ? NO_MESSAGE : meaning);
    }

    /** The age of a lock, as restic prints it, and what to do. It is negative if the clock of its holder is ahead. */
    private static String age(String printed) {
        if (!printed.startsWith("-")) {
            return printed.replaceFirst("\\.\\d+s", "s") + " ago; if nothing runs there, unlock it";
        }
        return printed.matches(".*[hm]\\d.*")
                ? Locks.AHEAD + "; if nothing runs there, remove all locks"
                : "just now; if nothing runs there, unlock it";
    }

    /** "There is no repository" of restic before 0.17, which passes on the words of each backend's library. */
    private static final class NotThere {
        static final String IN_ANY_BACKEND = "<config/> does not exist" // rest, rclone
                + "|stat FILE: no such file or directory" // local
                + "|Lstat( FILE)?: file does not exist" // sftp
                + "|Stat: The specified (key|bucket) does not exist" // s3
                + "|Stat: .*(not found|File with such name does not exist|: 404)" // b2
                + "|blob.GetProperties: .*(404|(Blob|Container)NotFound|The specified (blob|container) does not exist)"
                + "|service.Objects.Get: .*(object doesn't exist|bucket doesn't exist|Error 404)" // gs
                + "|conn.Object: (Object|Container) Not Found"; // swift

        private NotThere() {}
    }
}
