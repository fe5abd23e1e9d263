package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
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

    private static final Pattern HTTP_SERVER =
            Pattern.compile("(?:rest|s3):(https?)://(\\[[^]]*]|[^:/]*)(?::(\\d+))?/");

    private static final Pattern SSH_URL =
            Pattern.compile("sftp://(?:(?<user>[^@/]+)@)?(?<host>\\[[^]]*]|[^:/@]+)(?::(?<port>\\d+))?/");

    private static final Pattern SSH_PLAIN =
            Pattern.compile("sftp:(?!//)(?:(?<user>[^@/:]+)@)?(?<host>[^:/@]+)(?<port>(?!)\\d)?:");

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

    /** Whether it is in a bucket, where who may write may also overwrite. */
    public boolean isObjectStorage() {
        return Set.of("s3", "b2", "azure", "gs", "swift").contains(backend());
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

    /** The rest-server, or the endpoint of S3; absent for other kinds. */
    public Optional<Server> httpServer() {
        var matcher = HTTP_SERVER.matcher(value);
        return matcher.lookingAt()
                ? Optional.of(new Server(
                        matcher.group(2).replaceAll("^\\[|]$", "").replace("%25", "%"),
                        matcher.group(3) != null
                                ? Integer.parseInt(matcher.group(3))
                                : matcher.group(1).equals("https") ? 443 : 80))
                : Optional.empty();
    }

    /**
     * An ssh server, as ssh gets it from restic.
     *
     * @param host a name of ssh's configuration or of the network, or an address; an IPv6 address without brackets
     * @param user absent: ssh's configuration decides
     * @param port absent: ssh's configuration decides
     */
    public record SshServer(String host, Optional<String> user, Optional<Integer> port) {}

    /** The ssh server of an sftp repository; absent for other kinds. */
    public Optional<SshServer> sshServer() {
        return Stream.of(SSH_URL, SSH_PLAIN)
                .map(form -> form.matcher(value))
                .filter(Matcher::lookingAt)
                .findFirst()
                .map(matcher -> new SshServer(
                        matcher.group("host").replaceAll("^\\[|]$", ""),
                        Optional.ofNullable(matcher.group("user"))
                                .map(user -> matcher.pattern() == SSH_URL ? decode(user) : user),
                        Optional.ofNullable(matcher.group("port")).map(Integer::valueOf)));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
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
        return value.replaceFirst("://", "://" + Matcher.quoteReplacement(userInfo));
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
