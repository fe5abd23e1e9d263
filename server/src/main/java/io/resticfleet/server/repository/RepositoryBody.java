package io.resticfleet.server.repository;

import io.resticfleet.protocol.Limit;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryTls;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ResticFileText;
import io.resticfleet.protocol.SshHostKey;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A repository in a request.
 *
 * @param username as in {@code credentials}
 * @param password as in {@code credentials}
 * @param repoPassword restic's repository password
 * @param credentials for the repository's server, instead of {@code username} and {@code password} beside it
 * @param tls how the repository's server proves who it is
 * @param sshHostKeys keys of an sftp server that are confirmed, as lines of {@code known_hosts}
 */
public record RepositoryBody(
        String url,
        Optional<String> username,
        Optional<String> password,
        Optional<String> repoPassword,
        Optional<Credentials> credentials,
        Optional<Tls> tls,
        Optional<List<String>> sshHostKeys) {

    private static final Set<String> NEED_USERNAME = Set.of("rest", "s3", "b2", "azure");

    /**
     * Credentials for the repository's server.
     *
     * @param username of a rest-server; for other kinds the first of its variables, such as {@code AWS_ACCESS_KEY_ID}
     * @param password of a rest-server; for other kinds the second, such as {@code AWS_SECRET_ACCESS_KEY}; for gs the text of
     *     the JSON file that Google gives
     * @param env environment variables for restic, of an allow-list by kind of repository
     */
    public record Credentials(Optional<String> username, Optional<String> password, Optional<Map<String, String>> env) {

        @Override
        public String toString() {
            return "Credentials[masked]";
        }
    }

    /**
     * How the repository's server proves who it is.
     *
     * @param caPem certificates in PEM that are trusted instead of the machine's own
     * @param insecure whether any certificate is accepted; the machine's owner must allow it
     */
    public record Tls(Optional<String> caPem, Optional<Boolean> insecure) {}

    /** One without anything that only some kinds of repository have. */
    public RepositoryBody(
            String url, Optional<String> username, Optional<String> password, Optional<String> repoPassword) {
        this(url, username, password, repoPassword, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Whether it has anything with which its server is opened. */
    public boolean hasCredentials() {
        return username.isPresent() || password.isPresent() || credentials.isPresent();
    }

    /** With the password of a stored repository if this has none, and everything that only some kinds of repository have. */
    public RepositoryBody keeping(Repository stored) {
        return new RepositoryBody(
                url,
                Optional.empty(),
                Optional.empty(),
                repoPassword,
                Optional.of(new Credentials(username, password.or(stored::password), Optional.of(stored.env()))),
                stored.tls().map(set -> new Tls(set.caPem(), Optional.of(set.insecure()))),
                Optional.of(stored.sshHostKeys().stream().map(SshHostKey::line).toList()));
    }

    /**
     * Validates everything that does not depend on stored data.
     *
     * @return creates the repository from the repository password to use if the request has none; refuses an empty one
     * @throws Problem 400 with {@code invalid_repository_url}, {@code credentials_not_supported}, {@code
     *     invalid_credentials}, {@code env_not_allowed}, {@code invalid_tls} or {@code invalid_host_key}
     */
    public Function<String, Repository> checked() {
        var parsed = Requests.valid("repository.url", "invalid_repository_url", RepositoryUrl::typed, url);
        if (credentials.isPresent() && (username.isPresent() || password.isPresent())) {
            throw refuse("credentials", "invalid_credentials", "give username and password once, in credentials");
        }
        var user = credentials.flatMap(Credentials::username).or(() -> username);
        var secret = credentials.flatMap(Credentials::password).or(() -> password);
        var env = credentials.flatMap(Credentials::env).orElse(Map.of());
        checkPair(parsed, user, secret);
        repoPassword.ifPresent(RepositoryBody::checkRepoPassword);
        if (Stream.of(user, secret.filter(text -> !isGoogle(parsed)), repoPassword)
                .flatMap(Optional::stream)
                .anyMatch(RepositoryBody::isTooLong)) {
            throw refuse(
                    "repo_password",
                    "invalid_credentials",
                    "username and passwords have at most " + Limit.LINE + " characters each");
        }
        var trusted = tls.map(set -> Requests.valid(
                "repository.tls",
                "invalid_tls",
                pem -> new RepositoryTls(pem, set.insecure().orElse(false)),
                set.caPem()));
        var hostKeys = sshHostKeys.orElse(List.of()).stream()
                .map(line -> Requests.valid("repository.ssh_host_keys", "invalid_host_key", SshHostKey::new, line))
                .toList();
        Repository.problem(parsed, env, trusted, hostKeys).ifPresent(wrong -> {
            throw refuse(
                    wrong.field().startsWith("env.") ? "credentials." + wrong.field() : wrong.field(),
                    wrong.code(),
                    wrong.detail());
        });
        Function<String, Repository> make =
                repository -> new Repository(parsed, user, secret, repository, env, trusted, hostKeys);
        var made = Requests.valid("repository.credentials", "invalid_credentials", make, "");
        if (made.password().isPresent() && made.username().isEmpty() && NEED_USERNAME.contains(parsed.backend())) {
            throw refuse("username", "invalid_credentials", "a password needs a username");
        }
        return fallback -> {
            checkRepoPassword(repoPassword.orElse(fallback));
            return make.apply(repoPassword.orElse(fallback));
        };
    }

    private static void checkPair(RepositoryUrl url, Optional<String> username, Optional<String> password) {
        if ((username.isPresent() || password.isPresent()) && !url.takesCredentials()) {
            throw refuse(
                    "username",
                    "credentials_not_supported",
                    "a " + url.backend() + " repository takes no username and password");
        }
        if (username.filter(RepositoryBody::hasControl).isPresent()
                || password.filter(text -> !isGoogle(url) && hasControl(text)).isPresent()) {
            throw refuse("username", "invalid_credentials", "username and password must each be one line");
        }
    }

    /** Its password is a text of several lines. */
    private static boolean isGoogle(RepositoryUrl url) {
        return url.backend().equals("gs");
    }

    /**
     * Validates a password that a repository is to get.
     *
     * @throws Problem 400 {@code invalid_credentials}
     */
    public static void checkNewPassword(String text) {
        try {
            checkRepoPassword(text);
            if (isTooLong(text)) {
                throw refuse(
                        "repo_password",
                        "invalid_credentials",
                        "repo_password has at most " + Limit.LINE + " characters");
            }
        } catch (Problem e) {
            throw RepositoryRequest.at("", e);
        }
    }

    private static void checkRepoPassword(String text) {
        if (text.isEmpty() || hasControl(text)) {
            throw refuse("repo_password", "invalid_credentials", "repo_password must be one line, and not empty");
        }
        if (!ResticFileText.isKept(text)) {
            throw refuse(
                    "repo_password",
                    "invalid_credentials",
                    "repo_password must not begin or end with white space or a byte order mark: restic removes them, so"
                            + " that it would use another password than this one");
        }
    }

    private static Problem refuse(String field, String code, String detail) {
        return Problem.invalid(List.of(new Violation("repository." + field, code, detail)));
    }

    private static boolean isTooLong(String text) {
        return text.length() > Limit.LINE;
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    @Override
    public String toString() {
        return "RepositoryBody[credentials masked]";
    }
}
