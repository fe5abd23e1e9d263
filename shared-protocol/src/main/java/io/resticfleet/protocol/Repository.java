package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A repository with its credentials.
 *
 * @param username of the rest-server; for other kinds the value of the first of its two variables, such as {@code
 *     AWS_ACCESS_KEY_ID}
 * @param password of the rest-server; for other kinds the value of the second, such as {@code AWS_SECRET_ACCESS_KEY}; for
 *     gs the text of the credentials that Google gives
 * @param repoPassword restic's password, which encrypts the repository, as restic reads it: without white space at its ends
 * @param env further variables for restic by name, see {@link BackendVariables}; those of user name and password are in
 *     these. Absent from older peers
 * @param tls how its server proves who it is; {@link RepositoryTls#NONE} is absent
 * @param sshHostKeys keys of an sftp server that an operator has confirmed; without any, those that the machine knows apply.
 *     Absent from older peers
 */
public record Repository(
        RepositoryUrl url,
        Optional<String> username,
        Optional<String> password,
        String repoPassword,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> env,

        Optional<RepositoryTls> tls,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<SshHostKey> sshHostKeys) {

    private static final int MAX_HOST_KEYS = 20;

    /**
     * @throws IllegalArgumentException if a text is longer than {@link Limit#TEXT}, far more than people may enter, or a
     *     variable is not allowed; with a reason that repeats no secret
     */
    public Repository {
        username.ifPresent(text -> Limit.check(text, Limit.TEXT));
        password.ifPresent(text -> Limit.check(text, Limit.TEXT));
        Limit.check(repoPassword, Limit.TEXT);
        Limit.check(sshHostKeys, MAX_HOST_KEYS);
        repoPassword = ResticFileText.of(repoPassword); // else the password in use would not be masked in logs
        tls = tls.filter(set -> !set.equals(RepositoryTls.NONE));
        problem(url, env, tls, sshHostKeys).ifPresent(wrong -> {
            throw new IllegalArgumentException(wrong.detail());
        });
        var pair = BackendVariables.pair(url.backend());
        if (!pair.isEmpty()) {
            username = one(username, Optional.ofNullable(env.get(pair.get(0))));
            password = one(password, Optional.ofNullable(env.get(pair.get(1))));
            env = env.entrySet().stream()
                    .filter(variable -> !pair.contains(variable.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }
        if (url.backend().equals("gs")) {
            password = password.map(GoogleCredentials::checked);
        }
        env = Collections.unmodifiableMap(new TreeMap<>(env)); // sorted, so that it is always the same text
        sshHostKeys = List.copyOf(sshHostKeys);
    }

    /** Without further variables, and with the certificates and keys that the machine trusts. */
    public Repository(RepositoryUrl url, Optional<String> username, Optional<String> password, String repoPassword) {
        this(url, username, password, repoPassword, Map.of(), Optional.empty(), List.of());
    }

    /**
     * The first problem of what this kind of repository may have; empty if there is none. Its field is below that of the
     * repository. Never repeats a value.
     */
    public static Optional<Violation> problem(
            RepositoryUrl url, Map<String, String> env, Optional<RepositoryTls> tls, List<SshHostKey> sshHostKeys) {
        return BackendVariables.problem(url.backend(), env)
                .or(() -> tls.flatMap(set -> set.problem(url)))
                .or(() -> sshHostKeys.isEmpty() || url.backend().equals("sftp")
                        ? Optional.empty()
                        : Optional.of(new Violation(
                                "ssh_host_keys",
                                "invalid_host_key",
                                "a " + url.backend() + " repository has no ssh server")));
    }

    private static Optional<String> one(Optional<String> given, Optional<String> variable) {
        if (given.isPresent() && variable.isPresent() && !given.equals(variable)) {
            throw new IllegalArgumentException("user name and password are given twice, with other values in env");
        }
        return given.or(() -> variable);
    }

    /** Everything that must never be shown. */
    public List<String> secrets() {
        return Stream.of(
                        password.stream(),
                        password.filter(text -> url.backend().equals("gs")).stream()
                                .flatMap(text -> GoogleCredentials.secrets(text).stream()),
                        Stream.of(repoPassword),
                        env.entrySet().stream()
                                .filter(variable -> BackendVariables.isSecret(variable.getKey()))
                                .map(Map.Entry::getValue))
                .flatMap(secrets -> secrets)
                .toList();
    }

    /** All environment variables for its backend, with user name and password. */
    public Map<String, String> variables() {
        var all = new TreeMap<>(env);
        all.putAll(BackendVariables.ofPair(url.backend(), username, password));
        return all;
    }

    /**
     * Reads one that is stored, or was sent by a program that has stored it. Earlier versions, and other programs that
     * wrote these files, have credentials of a REST server in its URL.
     */
    @JsonCreator
    static Repository read(
            @JsonProperty("url") String url,
            @JsonProperty("username") Optional<String> username,
            @JsonProperty("password") Optional<String> password,
            @JsonProperty("repo_password") String repoPassword,
            @JsonProperty("env") Optional<Map<String, String>> env,
            @JsonProperty("tls") Optional<RepositoryTls> tls,
            @JsonProperty("ssh_host_keys") Optional<List<SshHostKey>> sshHostKeys) {
        var parsed = new RepositoryUrl(url);
        var inUrl = RepositoryForm.userInfo(ResticFileText.of(url)).filter(text -> username.isEmpty());
        var parts = inUrl.orElse("").split(":", 2);
        return new Repository(
                parsed,
                inUrl.map(text -> decoded(parts[0])).or(() -> username),
                parts.length == 2 ? Optional.of(decoded(parts[1])) : password,
                repoPassword,
                env.orElse(Map.of()),
                tls,
                sshHostKeys.orElse(List.of()));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("user name and password in a URL are not encoded"); // no cause: a secret
        }
    }

    /** With the same credentials, under another URL. */
    public Repository at(RepositoryUrl otherUrl) {
        return new Repository(otherUrl, username, password, repoPassword, env, tls, sshHostKeys);
    }

    /** With another password of restic's. */
    public Repository withRepoPassword(String other) {
        return new Repository(url, username, password, other, env, tls, sshHostKeys);
    }

    /** Without secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "Repository[url=" + url + ", credentials masked]";
    }
}
