package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Adding a machine: the operator names the repository and gets the install command with a token. */
public final class Invitations {

    /** In place of the id that the initial schedule gets when the machine enrols. */
    private static final ScheduleId DRAFT = new ScheduleId("0".repeat(Id.LENGTH));

    private final EnrollmentTokens tokens;
    private final InstallLine line;
    private final Hosts hosts;
    private final Repositories repositories;

    public Invitations(EnrollmentTokens tokens, InstallLine line, Hosts hosts, Repositories repositories) {
        this.tokens = tokens;
        this.line = line;
        this.hosts = hosts;
        this.repositories = repositories;
    }

    /**
     * A machine to be enrolled.
     *
     * @param hostname host name of the machine's snapshots; the machine's own if left out
     * @param repository that it will use; if another host uses it, what is left out is as there
     * @param repositoryId the same, as the id of a repository that is known; one of both is required
     * @param initialPaths paths of a manual backup schedule; none is created if left out
     */
    public record TokenBody(
            Optional<String> hostname,
            Optional<RepositoryBody> repository,
            Optional<RepositoryId> repositoryId,
            Optional<List<String>> initialPaths) {}

    /**
     * A new enrolment token with its install command.
     *
     * @param id of the token; not secret
     * @param token shown once
     * @param command to be run on the machine
     * @param warnings sentences about what will go wrong; empty if nothing will
     * @param repoPassword shown once, if it was generated: the backups cannot be read without it
     */
    public record Invitation(
            String id,
            String token,
            Instant expiresAt,
            String command,
            List<String> warnings,
            Optional<String> repoPassword) {

        @Override
        public String toString() {
            return "Invitation[" + id + "]";
        }
    }

    /**
     * Creates a token for one machine.
     *
     * @param url of this server, as the machine reaches it
     * @throws Problem 400 with all invalid fields, or 409 {@code repository_exists} or {@code repository_local}
     */
    public Invitation invite(Actor actor, TokenBody body, String url) {
        var violations = new ArrayList<Violation>();
        body.hostname()
                .filter(name -> !EnrollmentTokens.HOSTNAME.matcher(name).matches())
                .ifPresent(name -> violations.add(new Violation(
                        "hostname",
                        "invalid_hostname",
                        "hostname must be 1 to 63 letters, digits, dots, dashes or underscores but is '" + name
                                + "'")));
        var generated = Tokens.mint("");
        var target = target(body, generated, violations);
        var paths = body.initialPaths().orElse(List.of());
        if (!paths.isEmpty()) {
            Schedules.initial(DRAFT, paths)
                    .violations()
                    .forEach(wrong ->
                            violations.add(new Violation("initial_" + wrong.field(), wrong.code(), wrong.detail())));
        }
        if (!violations.isEmpty()) {
            throw Problem.invalid(violations);
        }
        var minted = tokens.mint(actor, body.hostname(), target.orElseThrow(), paths);
        return new Invitation(
                minted.id(),
                minted.token(),
                minted.expiresAt(),
                line.enrolling(url, minted.token()),
                InstallLine.warnings(url),
                target.orElseThrow().uses(generated) ? Optional.of(generated) : Optional.empty());
    }

    /** The repository; empty if it is invalid, and its errors are then added to {@code violations}. */
    private Optional<TokenTarget> target(TokenBody body, String generated, List<Violation> violations) {
        if (body.repository().isPresent() == body.repositoryId().isPresent()) {
            violations.add(new Violation(
                    "repository", "required", "give repository, or repository_id for one that is known, but not both"));
            return Optional.empty();
        }
        try {
            return Optional.of(
                    body.repository().isPresent()
                            ? described(body.repository().get(), generated)
                            : known(body.repositoryId().get()));
        } catch (Problem e) {
            if (e.errors().isEmpty()) {
                throw e;
            }
            violations.addAll(e.errors());
            return Optional.empty();
        }
    }

    private TokenTarget known(RepositoryId id) {
        var row = repositories.find(id).orElseThrow(() -> unknown(id));
        row.hostId().flatMap(hosts::find).ifPresent(host -> {
            throw Problem.conflict(
                    "repository_local",
                    "repository " + row.name() + " is a directory of machine " + host.name()
                            + ", which no other machine can use");
        });
        return TokenTarget.known(row.id());
    }

    private static Problem unknown(RepositoryId id) {
        return Problem.invalid(List.of(
                new Violation("repository_id", "unknown_repository", "there is no repository with the id " + id)));
    }

    /** A repository by its URL: a known one is used with its own password, and with its credentials if none are given. */
    private TokenTarget described(RepositoryBody body, String generated) {
        var make = body.checked();
        var row = repositories.at(new RepositoryUrl(body.url())).filter(repositories::isUsed);
        var shared = row.flatMap(known -> repositories.shared(known.id()));
        if (shared.isEmpty()) {
            var unused =
                    repositories.at(new RepositoryUrl(body.url())).flatMap(known -> repositories.shared(known.id()));
            return TokenTarget.added(
                    make.apply(unused.map(Repository::repoPassword).orElse(generated)));
        }
        if (body.repoPassword()
                .filter(typed -> !typed.equals(shared.get().repoPassword()))
                .isPresent()) {
            throw Problem.conflict(
                    "repository_exists",
                    "repository " + row.get().name()
                            + " is known with another password; leave repo_password out to use it, or change the"
                            + " repository first");
        }
        return body.hasCredentials()
                ? TokenTarget.own(row.get().id(), make.apply(shared.get().repoPassword()))
                : TokenTarget.known(row.get().id());
    }
}
