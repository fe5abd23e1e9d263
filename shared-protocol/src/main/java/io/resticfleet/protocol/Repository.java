package io.resticfleet.protocol;

import java.util.Optional;

/**
 * A repository with all that opens it.
 *
 * @param username of the rest-server, or the access key id of S3 and B2
 * @param password of the rest-server, or the secret key of S3 and B2
 * @param repoPassword the one that encrypts what restic stores
 */
public record Repository(RepositoryUrl url, Optional<String> username, Optional<String> password, String repoPassword) {

    /** Without the secrets, so that no log line needs care. */
    @Override
    public String toString() {
        return "Repository[url=" + url + ", credentials masked]";
    }
}
