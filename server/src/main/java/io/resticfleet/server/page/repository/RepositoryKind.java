package io.resticfleet.server.page.repository;

import static io.resticfleet.server.page.repository.KindField.line;
import static io.resticfleet.server.page.repository.KindField.secret;

import io.resticfleet.server.page.repository.KindField.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The kinds of repository: the fields of each, which are those of all forms.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html">restic: preparing a new
 *     repository</a>
 */
public enum RepositoryKind {
    REST(
            "rest",
            "REST server",
            List.of(
                    line(
                            "url",
                            "Repository",
                            "https://nas.example.org:8000/web/",
                            "The URL of the REST server and the path in it. With --private-repos, the path begins with the user name.")),
            List.of(
                    line("username", "User name", "Leave empty if the server asks for none."),
                    secret("password", "Password", "")),
            Fields.HTTP),
    SFTP(
            "sftp",
            "SFTP",
            List.of(line(
                    "url",
                    "Repository",
                    "backup@nas.example.org:/srv/web",
                    "User, host and path. For another port than 22: //backup@nas.example.org:2222//srv/web. The machine signs in"
                            + " by a key of its own, which you set up on the repository's page once it is enrolled.")),
            List.of(),
            List.of()),
    S3(
            "s3",
            "S3",
            List.of(
                    line(
                            "url",
                            "Endpoint",
                            "https://s3.eu-central-1.amazonaws.com",
                            "Amazon S3, or any service with its API, such as MinIO, Wasabi or Cloudflare R2."),
                    line("bucket", "Bucket and path", "backups/web", "The bucket must exist.")),
            List.of(
                    line("username", "Access key ID", ""),
                    secret("password", "Secret access key", ""),
                    line(
                            "AWS_DEFAULT_REGION",
                            "Region",
                            "eu-central-1",
                            "Leave empty unless the service asks for one."),
                    secret("AWS_SESSION_TOKEN", "Session token", "Only for temporary keys, which expire.")),
            Fields.HTTP),
    B2(
            "b2",
            "Backblaze B2",
            List.of(line("url", "Bucket and path", "my-backups:web", "The bucket, a colon, and the path in it.")),
            List.of(line("username", "Key ID", ""), secret("password", "Application key", "")),
            Fields.HTTP),
    AZURE(
            "azure",
            "Azure",
            List.of(line("url", "Container and path", "backups:/web", "The container, a colon, and the path in it.")),
            List.of(
                    line("username", "Account name", ""),
                    secret("password", "Account key", "Or a shared access signature below."),
                    secret("AZURE_ACCOUNT_SAS", "Shared access signature", "")),
            Stream.concat(
                            Stream.of(line(
                                    "AZURE_ENDPOINT_SUFFIX",
                                    "Endpoint suffix",
                                    "core.windows.net",
                                    "Only for another cloud than the public one.")),
                            Fields.HTTP.stream())
                    .toList()),
    GS(
            "gs",
            "Google Cloud",
            List.of(line("url", "Bucket and path", "my-backups:/web", "The bucket, a colon, and the path in it.")),
            List.of(
                    line("username", "Project ID", ""),
                    new KindField(
                            "password",
                            "Credentials",
                            Type.SECRET_TEXT,
                            "",
                            "The text of the JSON file of a service account.")),
            Fields.HTTP),
    SWIFT(
            "swift",
            "OpenStack Swift",
            List.of(line("url", "Container and path", "backups:/web", "The container, a colon, and the path in it.")),
            List.of(
                    line("OS_AUTH_URL", "Authentication URL", "https://auth.example.org/v3", ""),
                    line("username", "User name", ""),
                    secret("password", "Password", ""),
                    line("OS_PROJECT_NAME", "Project", ""),
                    line("OS_REGION_NAME", "Region", "")),
            Stream.concat(
                            Stream.of(
                                    line("OS_USER_DOMAIN_NAME", "Domain of the user", ""),
                                    line("OS_PROJECT_DOMAIN_NAME", "Domain of the project", ""),
                                    line("OS_USER_DOMAIN_ID", "ID of the user's domain", ""),
                                    line("OS_PROJECT_DOMAIN_ID", "ID of the project's domain", ""),
                                    line("OS_USER_ID", "User ID", "Instead of the user name."),
                                    line("OS_TENANT_NAME", "Tenant", "Version 2 of the authentication."),
                                    line("OS_TENANT_ID", "Tenant ID", "")),
                            Fields.HTTP.stream())
                    .toList()),
    RCLONE(
            "rclone",
            "rclone",
            List.of(line(
                    "url",
                    "Remote and path",
                    "drive:backups/web",
                    "A remote of rclone's configuration on the machine, which has its credentials.")),
            List.of(),
            Fields.PROXIES),
    LOCAL(
            "local",
            "Directory",
            List.of(
                    line(
                            "url",
                            "Directory",
                            "/mnt/backup",
                            "On the machine itself, such as a disk or a mounted share. It is empty, does not exist yet, or has a repository.")),
            List.of(),
            List.of());

    /** Fields of several kinds. */
    private static final class Fields {
        private static final List<KindField> PROXIES = List.of(
                line("HTTPS_PROXY", "Proxy for https", "http://proxy.example.org:3128", ""),
                line("HTTP_PROXY", "Proxy for http", "http://proxy.example.org:3128", ""),
                line("NO_PROXY", "Hosts without a proxy", "localhost,.example.org", ""));
        private static final List<KindField> HTTP = Stream.concat(
                        Stream.of(
                                new KindField(
                                        "ca_pem",
                                        "CA certificate",
                                        Type.TEXT,
                                        "-----BEGIN CERTIFICATE-----",
                                        "In PEM. Only if the server's certificate is of a private CA, or self-signed."),
                                new KindField(
                                        "insecure",
                                        "Accept any certificate",
                                        Type.CHECK,
                                        "",
                                        "Only if the machine's owner allows it in its policy file. Others on the network can then"
                                                + " read the password.")),
                        PROXIES.stream())
                .toList();
    }

    private static final Pattern S3_LOCATION = Pattern.compile("([^/]*//[^/]*|[^/]*)/?(.*)");

    private final String word;
    private final String label;
    private final List<KindField> location;
    private final List<KindField> access;
    private final List<KindField> more;

    RepositoryKind(String word, String label, List<KindField> location, List<KindField> access, List<KindField> more) {
        this.word = word;
        this.label = label;
        this.location = location;
        this.access = access;
        this.more = more;
    }

    /** The kind of this name, such as {@code rest}. */
    public static Optional<RepositoryKind> find(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
    }

    /** The kind of a stored URL; a REST server's for one of which none can be told. */
    static RepositoryKind of(String url) {
        return url.startsWith("/")
                ? LOCAL
                : find(url.substring(0, Math.max(0, url.indexOf(':')))).orElse(REST);
    }

    /** As in the API, such as {@code rest}. */
    public String word() {
        return word;
    }

    public String label() {
        return label;
    }

    /** The fields of which the URL is made. */
    public List<KindField> location() {
        return location;
    }

    /** The fields of the credentials. */
    public List<KindField> access() {
        return access;
    }

    /** The fields that few need. */
    public List<KindField> more() {
        return more;
    }

    /** What a user name is called, such as {@code access key ID}; empty if the kind has none. */
    public String userWords() {
        return access.stream()
                .filter(field -> field.name().equals("username"))
                .map(field -> field.label().substring(0, 1).toLowerCase(Locale.ROOT)
                        + field.label().substring(1))
                .findFirst()
                .orElse("");
    }

    /** All fields. */
    Stream<KindField> fields() {
        return Stream.of(location, access, more).flatMap(List::stream);
    }

    /**
     * The URL in restic's notation.
     *
     * @param parts what was entered into the fields of the location; the first may be a whole URL in restic's notation
     */
    String url(List<String> parts) {
        var first = parts.get(0);
        var place = parts.size() > 1 && !parts.get(1).isEmpty()
                ? first.replaceFirst("/+$", "") + "/" + parts.get(1).replaceFirst("^/+", "")
                : first;
        return place.isEmpty() || isWhole(first) || this == LOCAL ? place : word + ":" + place;
    }

    /** A REST server's location begins with http, so that nothing else can be meant; others may be called like a kind. */
    private boolean isWhole(String text) {
        return this == REST
                ? text.startsWith("/") || Arrays.stream(values()).anyMatch(kind -> text.startsWith(kind.word + ":"))
                : text.startsWith(word + ":") && (this != RCLONE || text.indexOf(':', word.length() + 1) > 0);
    }

    /** What the fields of the location contain for a stored URL. */
    List<String> parts(String url) {
        var place = this == LOCAL ? url : url.substring(url.indexOf(':') + 1);
        var split = S3_LOCATION.matcher(place);
        return location.size() > 1 && split.matches() ? List.of(split.group(1), split.group(2)) : List.of(place);
    }
}
