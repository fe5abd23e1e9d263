package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A repository with its credentials.
 *
 * @param username of the rest-server, or the access key id of S3 and B2
 * @param password of the rest-server, or the secret key of S3 and B2
 * @param repoPassword restic's password, which encrypts the repository, as restic reads it: without white space at its ends
 */
public record Repository(RepositoryUrl url, Optional<String> username, Optional<String> password, String repoPassword) {

    /** @throws IllegalArgumentException if a text is longer than {@link Limit#TEXT}, far more than people may enter */
    public Repository {
        username.ifPresent(text -> Limit.check(text, Limit.TEXT));
        password.ifPresent(text -> Limit.check(text, Limit.TEXT));
        Limit.check(repoPassword, Limit.TEXT);
        repoPassword = ResticFileText.of(repoPassword); // else the password in use would not be masked in logs
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
            @JsonProperty("repo_password") String repoPassword) {
        var parsed = new RepositoryUrl(url);
        var inUrl = RepositoryForm.userInfo(ResticFileText.of(url)).filter(text -> username.isEmpty());
        if (inUrl.isEmpty()) {
            return new Repository(parsed, username, password, repoPassword);
        }
        var parts = inUrl.get().split(":", 2);
        return new Repository(
                parsed,
                Optional.of(decoded(parts[0])),
                parts.length == 2 ? Optional.of(decoded(parts[1])) : password,
                repoPassword);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("user name and password in a URL are not encoded"); // no cause: a secret
        }
    }

    /** Without secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "Repository[url=" + url + ", credentials masked]";
    }
}
