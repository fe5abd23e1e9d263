package io.resticfleet.server.page.text;

import io.resticfleet.protocol.RepositoryUrl;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Shell lines that let restic access a repository, to be pasted before a restic command. Passwords are placeholders; restic
 * asks for the repository password.
 */
public final class ResticAccess {

    /** In place of the password or secret key of the repository's server. */
    public static final String PLACEHOLDER = "SECRET";

    private ResticAccess() {}

    /**
     * Exports {@code RESTIC_REPOSITORY} and what its backend needs. A REST server's password is in the URL, as restic before
     * 0.16.1 reads it from nowhere else.
     *
     * @param username absent if the repository's server asks for none
     */
    public static List<String> exports(RepositoryUrl url, Optional<String> username) {
        var secret = username.map(name -> PLACEHOLDER);
        var environment =
                username.isEmpty() ? new TreeMap<String, String>() : new TreeMap<>(url.environment(username, secret));
        return Stream.concat(
                        Stream.of("RESTIC_REPOSITORY=" + ShellWords.quoted(url.withCredentials(username, secret))),
                        environment.entrySet().stream()
                                .map(variable -> variable.getKey() + "=" + ShellWords.quoted(variable.getValue())))
                .map(assignment -> "export " + assignment)
                .toList();
    }
}
