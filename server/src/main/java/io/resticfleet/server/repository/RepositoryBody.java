package io.resticfleet.server.repository;

import io.resticfleet.protocol.Limit;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ResticFileText;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A repository in a request.
 *
 * @param username of a rest-server, or the access key id of S3 and B2
 * @param password of a rest-server, or the secret key of S3 and B2
 * @param repoPassword restic's repository password
 */
public record RepositoryBody(
        String url, Optional<String> username, Optional<String> password, Optional<String> repoPassword) {

    /**
     * Validates everything that does not depend on stored data.
     *
     * @return creates the repository from the repository password to use if the request has none; refuses an empty one
     * @throws Problem 400 with {@code invalid_repository_url}, {@code credentials_not_supported} or {@code
     *     invalid_credentials}
     */
    public Function<String, Repository> checked() {
        var parsed = Requests.valid("repository.url", "invalid_repository_url", RepositoryUrl::typed, url);
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
        if (Stream.of(username, password, repoPassword)
                .flatMap(Optional::stream)
                .anyMatch(RepositoryBody::isTooLong)) {
            throw refuse(
                    "repo_password",
                    "invalid_credentials",
                    "username and passwords have at most " + Limit.LINE + " characters each");
        }
        return fallback -> {
            checkRepoPassword(repoPassword.orElse(fallback));
            return new Repository(parsed, username, password, repoPassword.orElse(fallback));
        };
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
