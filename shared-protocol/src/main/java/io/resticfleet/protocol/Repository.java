package io.resticfleet.protocol;

import java.util.Optional;

/**
 * A repository with its credentials.
 *
 * @param username of the rest-server, or the access key id of S3 and B2
 * @param password of the rest-server, or the secret key of S3 and B2
 * @param repoPassword restic's password, which encrypts the repository, as restic reads it: without white space at its ends
 */
public record Repository(RepositoryUrl url, Optional<String> username, Optional<String> password, String repoPassword) {

    /** @throws IllegalArgumentException if a text is longer than {@link Limit#LINE} */
    public Repository {
        username.ifPresent(text -> Limit.check(text, Limit.LINE));
        password.ifPresent(text -> Limit.check(text, Limit.LINE));
        Limit.check(repoPassword, Limit.LINE);
        repoPassword = ResticFileText.of(repoPassword); // else the password in use would not be masked in logs
    }

    /** Without secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "Repository[url=" + url + ", credentials masked]";
    }
}
