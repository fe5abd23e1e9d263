package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A repository to add, or changes to one; what is left out of a change stays.
 *
 * @param name the location if left out
 * @param url where restic finds it; required to add one
 * @param credentials with which its hosts open it
 * @param repoPassword restic's repository password; generated if left out of a new one
 * @param tls how its server proves who it is
 * @param sshHostKeys keys of an sftp server that are confirmed
 * @param maintainer the host that removes from it and looks after it; without its {@code host_id}, none is set any more
 * @param sizeLimitBytes size beyond which an alert opens; 0 for no limit
 * @param checkWithinDays days without a check after which an alert opens, 1 to 3650; 0 for never
 */
public record RepositoryRequest(
        Optional<String> name,
        Optional<String> url,
        Optional<RepositoryBody.Credentials> credentials,
        Optional<String> repoPassword,
        Optional<RepositoryBody.Tls> tls,
        Optional<List<String>> sshHostKeys,
        Optional<Maintainer> maintainer,
        Optional<Long> sizeLimitBytes,
        Optional<Integer> checkWithinDays) {

    private static final int MAX_NAME = 100;

    /**
     * The host that looks after a repository.
     *
     * @param hostId one of the repository's hosts
     * @param url where this host reaches it for what others may not do, as at a second rest-server; the repository's if left out
     * @param credentials with which it may remove; those of the repository if left out
     */
    public record Maintainer(
            Optional<HostId> hostId, Optional<String> url, Optional<RepositoryBody.Credentials> credentials) {

        static Problem unknownHost() {
            return Problem.invalid(List.of(new Violation(
                    "maintainer.host_id",
                    "unknown_host",
                    "host_id must be the id of a host that uses the repository")));
        }

        /**
         * The repository as the maintainer opens it for what others may not do; empty if as they do.
         *
         * @throws Problem 400
         */
        Optional<Repository> opened(Repository everyday) {
            return hostId.isEmpty() || url.isEmpty() && credentials.isEmpty()
                    ? Optional.empty()
                    : Optional.of(otherwise("maintainer.", everyday, url, credentials));
        }
    }

    /**
     * A repository as one host opens it, where it differs from what all others do.
     *
     * @param place of the differing fields in the request
     * @throws Problem 400
     */
    static Repository otherwise(
            String place, Repository everyday, Optional<String> url, Optional<RepositoryBody.Credentials> credentials) {
        var all = new RepositoryBody(everyday.url().value(), everyday.username(), Optional.empty(), Optional.empty())
                .keeping(everyday);
        var body = new RepositoryBody(
                url.orElse(everyday.url().value()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                credentials.or(all::credentials),
                all.tls(),
                all.sshHostKeys());
        return at(place, body).apply(everyday.repoPassword());
    }

    /** Whether what restic is given changes. */
    boolean changesAccess() {
        return url.isPresent()
                || credentials.isPresent()
                || repoPassword.isPresent()
                || tls.isPresent()
                || sshHostKeys.isPresent();
    }

    /** What {@code describe} of the catalog changes, for the audit log. */
    Map<String, Object> described() {
        var detail = new LinkedHashMap<String, Object>();
        name.ifPresent(text -> detail.put("name", text));
        maintainer.ifPresent(wanted ->
                detail.put("maintainer", wanted.hostId().map(HostId::value).orElse("")));
        return detail;
    }

    /** This request, for this URL if it has none. */
    RepositoryRequest orAt(String present) {
        return new RepositoryRequest(
                name,
                Optional.of(url.orElse(present)),
                credentials,
                repoPassword,
                tls,
                sshHostKeys,
                maintainer,
                sizeLimitBytes,
                checkWithinDays);
    }

    RepositoryExpectations expectations() {
        return new RepositoryExpectations(sizeLimitBytes, checkWithinDays);
    }

    /** @throws Problem 400 {@code invalid_name}, or for wrong {@link #expectations} */
    void checkDescription() {
        expectations().check();
        name.filter(text -> text.isBlank()
                        || text.length() > MAX_NAME
                        || text.chars().anyMatch(Character::isISOControl))
                .ifPresent(text -> {
                    throw Problem.invalid(List.of(new Violation(
                            "name", "invalid_name", "a name is 1 to " + MAX_NAME + " characters on one line")));
                });
    }

    /**
     * A new repository.
     *
     * @param generated its password if the request has none
     * @throws Problem 400
     */
    Repository added(String generated) {
        if (url.isEmpty()) {
            throw Problem.invalid(List.of(new Violation(
                    "url", "invalid_repository_url", "a repository needs a url, such as rest:https://nas:8000/web/")));
        }
        return at(
                        "",
                        new RepositoryBody(
                                url.get(),
                                Optional.empty(),
                                Optional.empty(),
                                repoPassword,
                                credentials,
                                tls,
                                sshHostKeys))
                .apply(generated);
    }

    /**
     * A changed repository. With another server, credentials that the request does not have are left out: they would be sent
     * to a server that they are not meant for.
     *
     * @throws Problem 400
     */
    Repository changed(Repository present) {
        boolean sameServer =
                url.filter(text -> !text.equals(present.url().value())).isEmpty();
        var kept = Optional.of(new RepositoryBody(
                                present.url().value(), present.username(), Optional.empty(), Optional.empty())
                        .keeping(present))
                .filter(body -> sameServer);
        return at(
                        "",
                        new RepositoryBody(
                                url.orElse(present.url().value()),
                                Optional.empty(),
                                Optional.empty(),
                                repoPassword,
                                credentials.or(() -> kept.flatMap(RepositoryBody::credentials)),
                                tls.or(() -> kept.flatMap(RepositoryBody::tls)),
                                sshHostKeys.or(() -> kept.flatMap(RepositoryBody::sshHostKeys))))
                .apply(present.repoPassword());
    }

    /** Validates a body whose fields stand at this place of the request. */
    private static Function<String, Repository> at(String place, RepositoryBody body) {
        try {
            var make = body.checked();
            return password -> moved(place, () -> make.apply(password));
        } catch (Problem e) {
            throw at(place, e);
        }
    }

    private static Repository moved(String place, Supplier<Repository> make) {
        try {
            return make.get();
        } catch (Problem e) {
            throw at(place, e);
        }
    }

    static Problem at(String place, Problem problem) {
        return problem.errors().isEmpty()
                ? problem
                : Problem.invalid(problem.errors().stream()
                        .map(wrong -> new Violation(
                                place + wrong.field().replaceFirst("^repository\\.", ""), wrong.code(), wrong.detail()))
                        .toList());
    }

    @Override
    public String toString() {
        return "RepositoryRequest[credentials masked]";
    }
}
