package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The location of a repository in restic's notation, without credentials: {@code /srv/backup}, {@code
 * rest:https://nas:8000/web01/}, {@code sftp:user@nas:/srv/backup}, {@code s3:https://host/bucket}.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html">restic: preparing a new
 *     repository</a>
 */
public record RepositoryUrl(@JsonValue String value) {

    /** All supported kinds of repository, as named by {@link #backend}. */
    public static final List<String> BACKENDS =
            List.of("local", "rest", "sftp", "s3", "b2", "azure", "gs", "swift", "rclone");

    private static final Pattern SCHEME = Pattern.compile("([a-z0-9]+):(.*)", Pattern.DOTALL);

    private static final Set<String> WITH_HOST = Set.of("sftp", "s3");

    /** {@code user:password@host}, with or without a scheme before it. */
    private static final Pattern PASSWORD = Pattern.compile("(https?:)?(//)?[^/@:]*:[^/@]*@");

    /** A named remote: in its place rclone also accepts options, including programs to run. */
    private static final Pattern RCLONE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+@-]*:[^:].*");

    /**
     * ssh takes a host that starts with a dash for an option, and its configuration may pass user and host to a shell.
     * So only characters without a meaning to a shell are accepted, and of encoded ones only {@code @} and {@code \},
     * for domains.
     */
    private static final Pattern SFTP = Pattern.compile("(//)?"
            + "(([A-Za-z0-9_.+]|%40|%5[Cc])([A-Za-z0-9_.+:-]|%40|%5[Cc])*@)?"
            + "([A-Za-z0-9_][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.]+])"
            + "([:/][^\\s@]*)?");

    private static final int MAX_LENGTH = 2_048;

    /** @throws IllegalArgumentException with a reason that does not repeat the value, as it may contain a password */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RepositoryUrl {
        if (value.isBlank() || value.length() > MAX_LENGTH || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a repository URL is 1 to " + MAX_LENGTH + " characters on one line");
        }
        if (!value.startsWith("/")) {
            checkBackend(value);
        }
    }

    private static void checkBackend(String value) {
        var matcher = SCHEME.matcher(value);
        if (!matcher.matches() || !BACKENDS.contains(matcher.group(1))) {
            throw new IllegalArgumentException("a repository is an absolute path or starts with one of"
                    + " rest: sftp: s3: b2: azure: gs: swift: rclone: local:");
        }
        if (matcher.group(1).equals("local") && !matcher.group(2).startsWith("/")) {
            throw new IllegalArgumentException("the path after local: must be absolute");
        }
        if (matcher.group(1).equals("rest")) {
            checkHttp(matcher.group(2));
        }
        if (matcher.group(1).equals("rclone")
                && !RCLONE.matcher(matcher.group(2)).matches()) {
            throw new IllegalArgumentException("rclone: must be followed by the name of a remote that is set up on the"
                    + " machine, and a path, as in rclone:remote:path");
        }
        if (matcher.group(1).equals("sftp") && !SFTP.matcher(matcher.group(2)).matches()) {
            throw new IllegalArgumentException("sftp: must be followed by user@HOST:/PATH or //user@HOST:PORT//PATH");
        }
        if (WITH_HOST.contains(matcher.group(1))
                && PASSWORD.matcher(matcher.group(2)).lookingAt()) {
            throw new IllegalArgumentException("the URL must not contain a password");
        }
    }

    private static void checkHttp(String url) {
        try {
            var uri = new URI(url);
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw new IllegalArgumentException(
                        "rest: must be followed by http://HOST:PORT/PATH or https://HOST:PORT/PATH");
            }
            if (uri.getRawUserInfo() != null) {
                throw new IllegalArgumentException(
                        "the URL must not contain a user name or password; set username and password instead");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "rest: is not followed by a valid URL"); // the cause would repeat the value
        }
    }

    /** The kind of repository, such as {@code rest}; {@code local} for a path. */
    public String backend() {
        return value.startsWith("/") ? "local" : value.substring(0, value.indexOf(':'));
    }

    /** The directory on the agent's machine; absent for other kinds. */
    public Optional<String> localPath() {
        return !backend().equals("local")
                ? Optional.empty()
                : Optional.of(value.startsWith("/") ? value : value.substring("local:".length()));
    }

    /** The address of a rest-server, which must answer before restic can do anything; absent for other kinds. */
    public Optional<URI> http() {
        return backend().equals("rest") ? Optional.of(URI.create(value.substring("rest:".length()))) : Optional.empty();
    }

    /** Whether this backend uses a user name and password. */
    public boolean takesCredentials() {
        return Set.of("rest", "s3", "b2").contains(backend());
    }

    /**
     * The repository as restic reads it; the only form that contains a secret. For a file, never for an argument.
     *
     * <p>restic before 0.16.1 accepts the password of a rest-server in the URL only.
     */
    public String withCredentials(Optional<String> username, Optional<String> password) {
        if (!backend().equals("rest") || username.isEmpty()) {
            return value;
        }
        var userInfo = encode(username.get())
                + password.map(text -> ":" + encode(text)).orElse("") + "@";
        return value.replaceFirst("://", "://" + java.util.regex.Matcher.quoteReplacement(userInfo));
    }

    /** Environment variables with user name and password, for backends that do not take them in the URL. */
    public Map<String, String> environment(Optional<String> username, Optional<String> password) {
        return switch (backend()) {
            case "s3" -> Map.of("AWS_ACCESS_KEY_ID", username.orElse(""), "AWS_SECRET_ACCESS_KEY", password.orElse(""));
            case "b2" -> Map.of("B2_ACCOUNT_ID", username.orElse(""), "B2_ACCOUNT_KEY", password.orElse(""));
            default -> Map.of();
        };
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return value;
    }
}
