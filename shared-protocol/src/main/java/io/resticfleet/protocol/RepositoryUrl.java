package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The location of a repository in restic's notation, without credentials: {@code /srv/backup}, {@code
 * rest:https://nas:8000/web01/}, {@code sftp:user@nas:/srv/backup}, {@code s3:https://host/bucket}.
 *
 * <p>The value is canonical: what is checked, compared and passed to restic is the same, whatever was typed or received.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html">restic: preparing a new
 *     repository</a>
 */
public record RepositoryUrl(@JsonValue String value) {

    /** All supported kinds of repository, as named by {@link #backend}. */
    public static final List<String> BACKENDS =
            List.of("local", "rest", "sftp", "s3", "b2", "azure", "gs", "swift", "rclone");

    private static final Pattern REST_SERVER = Pattern.compile("rest:(https?)://(\\[[^]]*]|[^:/]*)(?::(\\d+))?/");

    private static final Predicate<String> SAFE_IN_FILE =
            Pattern.compile("[A-Za-z0-9/+=._-]+").asMatchPredicate();

    private static final int MAX_LENGTH = 2_048;

    /**
     * Makes the canonical form, of any spelling that restic takes for one location, and so of every URL that is stored:
     * a host must not lose its repository because a later version accepts fewer spellings. Credentials that it contains
     * are left out; {@link Repository} reads them.
     *
     * @throws IllegalArgumentException with a reason that does not repeat the value, as it may contain a password
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RepositoryUrl {
        value = ResticFileText.of(value);
        if (value.isEmpty()
                || value.length() > MAX_LENGTH
                || value.chars().anyMatch(Character::isISOControl)
                || !WellFormedText.test(value)) {
            throw new IllegalArgumentException("a repository URL is 1 to " + MAX_LENGTH + " characters on one line");
        }
        value = RepositoryForm.of(RepositoryForm.withoutExtras(value)).canonical();
    }

    /**
     * Reads what a person or a script wrote. Refuses what restic would resolve to another place than it seems, and
     * credentials, which would be shown.
     *
     * @throws IllegalArgumentException with a reason that does not repeat the value, as it may contain a password
     */
    public static RepositoryUrl typed(String text) {
        if (!ResticFileText.isKept(text)) {
            throw new IllegalArgumentException(
                    "a repository URL must not begin or end with white space or a byte order mark, as restic removes them");
        }
        var url = new RepositoryUrl(text);
        if (!RepositoryForm.of(text).isPlain()) {
            throw new IllegalArgumentException("the path of a repository must not contain //, /./ or /../");
        }
        return url;
    }

    /** The kind of repository, such as {@code rest}; {@code local} for a path. */
    public String backend() {
        return value.startsWith("/") ? "local" : value.substring(0, value.indexOf(':'));
    }

    /** The directory on the agent's machine; absent for other kinds. */
    public Optional<String> localPath() {
        return backend().equals("local") ? Optional.of(value) : Optional.empty();
    }

    /**
     * A server that must answer before restic can do anything.
     *
     * @param host a name or an address; an IPv6 address without brackets
     */
    public record Server(String host, int port) {}

    /** The rest-server; absent for other kinds. */
    public Optional<Server> restServer() {
        var matcher = REST_SERVER.matcher(value);
        return matcher.lookingAt()
                ? Optional.of(new Server(
                        matcher.group(2).replaceAll("^\\[|]$", "").replace("%25", "%"),
                        matcher.group(3) != null
                                ? Integer.parseInt(matcher.group(3))
                                : matcher.group(1).equals("https") ? 443 : 80))
                : Optional.empty();
    }

    /** Whether this backend uses a user name and password. */
    public boolean takesCredentials() {
        return backend().equals("rest") || !BackendVariables.pair(backend()).isEmpty();
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

    /**
     * Credentials of S3 as a file that restic reads; absent for other kinds, and if one of them has characters with a
     * meaning in such a file.
     *
     * @see <a href="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html">AWS: credentials file</a>
     */
    public Optional<String> credentialsFile(Optional<String> username, Optional<String> password) {
        return backend().equals("s3")
                        && Stream.of(username, password)
                                .allMatch(text -> text.filter(SAFE_IN_FILE).isPresent())
                ? Optional.of("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                        .formatted(username.get(), password.get()))
                : Optional.empty();
    }

    /** Environment variables with user name and password, for backends that do not take them in the URL. */
    public Map<String, String> environment(Optional<String> username, Optional<String> password) {
        return BackendVariables.ofPair(backend(), username, password);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return value;
    }
}
