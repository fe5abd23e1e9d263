package io.resticfleet.server.repository;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A repository as the operator sends it.
 *
 * @param username of a rest-server, or the access key id of S3 and B2
 * @param password of a rest-server, or the secret key of S3 and B2
 * @param repoPassword what restic encrypts with
 */
public record RepositoryBody(
        String url, Optional<String> username, Optional<String> password, Optional<String> repoPassword) {

    /**
     * Checks all that can be said without knowing what is stored.
     *
     * @return makes the repository, given the password to encrypt with if none was sent; an empty one is refused
     * @throws Problem 400 with {@code invalid_repository_url}, {@code credentials_not_supported} or {@code
     *     invalid_credentials}
     */
    public Function<String, Repository> checked() {
        var parsed = Requests.valid("repository.url", "invalid_repository_url", RepositoryUrl::new, url);
        if ((username.isPresent() || password.isPresent()) && !parsed.takesCredentials()) {
            throw refuse(
                    "username",
                    "credentials_not_supported",
                    "a " + parsed.backend() + " repository takes no username and password");
        }
        if (username.isEmpty() && password.isPresent()) {
            throw refuse("username", "invalid_credentials", "a password needs a username");
        }
        repoPassword.ifPresent(RepositoryBody::checkRepoPassword);
        if (username.filter(RepositoryBody::hasControl).isPresent()
                || password.filter(RepositoryBody::hasControl).isPresent()) {
            throw refuse("username", "invalid_credentials", "username and password must each be one line");
        }
        return otherwise -> {
            checkRepoPassword(repoPassword.orElse(otherwise));
            return new Repository(parsed, username, password, repoPassword.orElse(otherwise));
        };
    }

    private static void checkRepoPassword(String text) {
        if (text.isEmpty() || hasControl(text)) {
            throw refuse("repo_password", "invalid_credentials", "repo_password must be one line, and not empty");
        }
    }

    private static Problem refuse(String field, String code, String detail) {
        return Problem.invalid(List.of(new Violation("repository." + field, code, detail)));
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    @Override
    public String toString() {
        return "RepositoryBody[credentials masked]";
    }
}
