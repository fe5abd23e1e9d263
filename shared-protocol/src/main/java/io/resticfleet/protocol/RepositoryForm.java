package io.resticfleet.protocol;

import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The form of a repository's location: what stands before the path, and the path, both as restic resolves them. Each kind
 * of repository has one form for a location, whatever the spelling.
 *
 * @param before such as {@code rest:https://nas:8000}; for a path of the machine the empty string
 * @param path as typed
 * @param root what the path begins with in the canonical form: a slash, or nothing
 * @param end what it ends with: a slash for a REST server, else nothing
 */
record RepositoryForm(String before, String path, String root, String end) {

    private static final Pattern SCHEME = Pattern.compile("([a-z0-9]+):(.*)");

    /** Letters of any script, as Go converts them to Punycode. */
    private static final String HOST = "([\\p{L}\\p{N}._~-]+|\\[[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9_.]+)?])";

    private static final Pattern HTTP = Pattern.compile("((?i)https?)://" + HOST + "(?::(\\d{0,5}))?(/.*)?");

    private static final Pattern S3 = Pattern.compile("(?:((?i)https?)://|//)?" + HOST + "(?::(\\d{0,5}))?/(.+)");

    private static final Pattern BUCKET = Pattern.compile("([^:/@]+)(?::(.*))?");

    /** A named remote: in its place rclone also accepts options, including programs to run. */
    private static final Pattern RCLONE = Pattern.compile("([\\p{L}\\p{N}_][\\p{L}\\p{N}_.+@ -]*(?<! ):)([^:].*)?");

    /**
     * ssh takes a host that starts with a dash for an option, and its configuration may pass user and host to a shell.
     * So only characters without a meaning to a shell are accepted, and of encoded ones only {@code @} and {@code \},
     * for domains.
     */
    private static final String SSH_USER = "(?:(?:[A-Za-z0-9_.+]|%40|%5[Cc])(?:[A-Za-z0-9_.+:-]|%40|%5[Cc])*@)?";

    private static final String SSH_HOST = "([A-Za-z0-9_][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.]+])";

    private static final Pattern SFTP = Pattern.compile("(" + SSH_USER + ")" + SSH_HOST + ":(.*)");

    private static final Pattern SFTP_URL =
            Pattern.compile("//(" + SSH_USER + ")" + SSH_HOST + "(?::(\\d{0,5}))?/(.*)");

    /** Kinds that begin with a host. In others, what stands before a colon is the name of a bucket or a remote. */
    private static final Set<String> WITH_HOST = Set.of("rest", "s3", "sftp");

    /** {@code user:password@host} at the beginning. */
    private static final Pattern PASSWORD = Pattern.compile("(https?:)?(//)?[^/@]*:[^/@]*@");

    /** A user before the host of any URL, which an operator would not expect to be shown. */
    private static final Pattern USER = Pattern.compile("https?://[^/@]*@", Pattern.CASE_INSENSITIVE);

    /** User and password of a URL: of a REST server, its credentials; restic ignores those of S3. */
    private static final Pattern USER_INFO = Pattern.compile("^((rest|s3):(?i:https?)://)([^/?#]*)@(.*)");

    /** A password of an SFTP server, which restic ignores. */
    private static final Pattern SFTP_PASSWORD = Pattern.compile("^(sftp://[^/?#:@]*):[^/?#]*(@.*)");

    /** What follows the path of a URL. restic ignores it for these kinds. */
    private static final Pattern AFTER_PATH = Pattern.compile("^((?:s3:(?i:https?)|sftp)://[^?#]*)[?#].*");

    /** What cannot stand in the path of a URL: it would end it, or is no character. */
    private static final Pattern NOT_IN_URL = Pattern.compile("[?#]|%(?![0-9A-Fa-f]{2})");

    /**
     * A location as earlier versions accepted it, without what is refused today and does not change which repository it
     * is.
     */
    static String withoutExtras(String value) {
        var bare = USER_INFO.matcher(value).replaceFirst("$1$4");
        bare = SFTP_PASSWORD.matcher(bare).replaceFirst("$1$2");
        return AFTER_PATH.matcher(bare).replaceFirst("$1");
    }

    /** The credentials of a REST server that its URL contains, encoded as in a URL. */
    static Optional<String> userInfo(String value) {
        var matcher = USER_INFO.matcher(value);
        return matcher.matches() && matcher.group(2).equals("rest") ? Optional.of(matcher.group(3)) : Optional.empty();
    }

    /** @throws IllegalArgumentException with a reason that does not repeat the value, as it may contain a password */
    static RepositoryForm of(String value) {
        if (value.startsWith("/")) {
            return new RepositoryForm("", value, "/", "");
        }
        var matcher = SCHEME.matcher(value);
        if (!matcher.matches() || !RepositoryUrl.BACKENDS.contains(matcher.group(1))) {
            throw new IllegalArgumentException("a repository is an absolute path or starts with one of"
                    + " rest: sftp: s3: b2: azure: gs: swift: rclone: local:");
        }
        var backend = matcher.group(1);
        var rest = matcher.group(2);
        if (!backend.equals("local") && USER.matcher(rest).find()
                || WITH_HOST.contains(backend) && PASSWORD.matcher(rest).lookingAt()) {
            throw new IllegalArgumentException(
                    "the URL must not contain a password; set username and password beside it, if the kind of repository"
                            + " has them");
        }
        return switch (backend) {
            case "local" -> local(rest);
            case "rest" -> rest(rest);
            case "s3" -> s3(rest);
            case "sftp" -> sftp(rest);
            case "rclone" -> rclone(rest);
            default -> bucket(backend, rest);
        };
    }

    private static RepositoryForm local(String rest) {
        if (!rest.startsWith("/")) {
            throw new IllegalArgumentException("the path after local: must be absolute");
        }
        return new RepositoryForm("", rest, "/", "");
    }

    private static RepositoryForm rest(String rest) {
        var matcher = HTTP.matcher(rest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "rest: must be followed by http://HOST:PORT/PATH or https://HOST:PORT/PATH");
        }
        var before = "rest:" + server(matcher.group(1), matcher.group(2), matcher.group(3));
        return new RepositoryForm(before, inUrl(orEmpty(matcher.group(4))), "/", "/");
    }

    private static RepositoryForm s3(String rest) {
        var matcher = S3.matcher(rest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("s3: must be followed by HOST/BUCKET or https://HOST:PORT/BUCKET/PATH");
        }
        var scheme = matcher.group(1);
        var path = matcher.group(4);
        var before = "s3:" + server(scheme == null ? "https" : scheme, matcher.group(2), matcher.group(3));
        return new RepositoryForm(before, scheme == null ? encoded(path) : inUrl(path), "/", "");
    }

    private static RepositoryForm bucket(String backend, String rest) {
        var matcher = BUCKET.matcher(rest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(backend + ": must be followed by BUCKET:/PATH");
        }
        return new RepositoryForm(backend + ":" + matcher.group(1) + ":", orEmpty(matcher.group(2)), "/", "");
    }

    private static RepositoryForm rclone(String rest) {
        var matcher = RCLONE.matcher(rest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("rclone: must be followed by the name of a remote that is set up on the"
                    + " machine, and a path, as in rclone:remote:path");
        }
        var path = orEmpty(matcher.group(2));
        return new RepositoryForm("rclone:" + matcher.group(1), path, path.startsWith("/") ? "/" : "", "");
    }

    private static RepositoryForm sftp(String rest) {
        var url = SFTP_URL.matcher(rest);
        var plain = SFTP.matcher(rest);
        if (url.matches()) {
            // restic decodes the path of this form
            boolean same = !rest.contains("%")
                    && !url.group(2).startsWith("[")
                    && port("22", url.group(3)).isEmpty();
            var server = url.group(1) + url.group(2);
            return sftp(
                    same ? "sftp:" + server + ":" : "sftp://" + server + port("22", url.group(3)) + "/",
                    inUrl(url.group(4)));
        } else if (plain.matches()) {
            // restic does not read an IPv6 address in this form
            boolean address = plain.group(2).startsWith("[");
            var server = plain.group(1) + plain.group(2);
            return sftp(
                    address ? "sftp://" + server + "/" : "sftp:" + server + ":",
                    address ? encoded(plain.group(3)) : plain.group(3));
        }
        throw new IllegalArgumentException("sftp: must be followed by user@HOST:/PATH or //user@HOST:PORT//PATH");
    }

    private static RepositoryForm sftp(String before, String path) {
        if (path.startsWith("~")) {
            throw new IllegalArgumentException(
                    "restic does not accept ~ here; a path without / at its beginning is in the user's home directory");
        }
        return new RepositoryForm(before, path, path.startsWith("/") ? "/" : "", "");
    }

    private static String server(String scheme, String host, String port) {
        var lower = scheme.toLowerCase(Locale.ROOT);
        var zone = host.indexOf('%') < 0 ? host.length() : host.indexOf('%'); // the name of a network interface
        return lower + "://" + host.substring(0, zone).toLowerCase(Locale.ROOT) + host.substring(zone)
                + port(lower.equals("https") ? "443" : "80", port);
    }

    /** Empty for the default port. */
    private static String port(String byDefault, String typed) {
        if (typed == null || typed.isEmpty()) {
            return "";
        }
        int port = Integer.parseInt(typed);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port is 1 to 65535");
        }
        return byDefault.equals("" + port) ? "" : ":" + port;
    }

    private static String inUrl(String path) {
        if (NOT_IN_URL.matcher(path).find()) {
            throw new IllegalArgumentException("write ? as %3F, # as %23 and % as %25 in the path of a URL");
        }
        return path;
    }

    /** A path for a form of which restic decodes the path. */
    private static String encoded(String path) {
        return path.replace("%", "%25").replace("?", "%3F").replace("#", "%23");
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    /** The one spelling of this location. */
    String canonical() {
        var clean = cleanPath();
        return before + root + clean + (clean.isEmpty() ? "" : end);
    }

    /** Whether the path is written as it is resolved, except for a slash at one of its ends. */
    boolean isPlain() {
        return path.replaceFirst("^/", "").replaceFirst("/$", "").equals(cleanPath());
    }

    /** The path without its root, as Go's {@code path.Clean} makes it. */
    private String cleanPath() {
        var parts = new ArrayDeque<String>();
        for (var part : path.split("/")) {
            if (part.equals("..") && !parts.isEmpty() && !parts.peekLast().equals("..")) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !(part.equals("..") && root.equals("/"))) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }
}
