package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.Host;
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

/** What an operator does to let a machine join: says where its backups go, and gets the line to type on it. */
public final class Invitations {

    private static final String READ_ALONG = "This server is reached without encryption: whoever is on the network"
            + " between can read the token and the repository's credentials. Give it HTTPS first: RESTIC_FLEET_TLS, or a"
            + " proxy and RESTIC_FLEET_PUBLIC_URL.";

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
     * What an operator says of a machine that is to join.
     *
     * @param hostname the name for the machine's snapshots; the machine's own if left out
     * @param initialPaths become a schedule that runs only when asked to; none if left out
     */
    public record TokenBody(
            Optional<String> hostname, RepositoryBody repository, Optional<List<String>> initialPaths) {}

    /**
     * @param id of the token, which is no secret
     * @param token shown once
     * @param command to be typed on the machine
     * @param warnings what will go wrong with it, in sentences; empty if nothing will
     * @param repoPassword shown once, if it was generated: without it nobody can read the backups
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
     * Makes a token by which one machine can join.
     *
     * @param url of this server, as the machine reaches it
     * @throws Problem 400 with everything that is wrong
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
        var repository = repository(body, generated, violations);
        var paths = body.initialPaths().orElse(List.of());
        if (!paths.isEmpty()) {
            Schedules.initial("", paths)
                    .violations()
                    .forEach(wrong ->
                            violations.add(new Violation("initial_" + wrong.field(), wrong.code(), wrong.detail())));
        }
        if (!violations.isEmpty()) {
            throw Problem.invalid(violations);
        }
        boolean ownPassword = body.repository().repoPassword().isPresent();
        var warnings = new ArrayList<String>();
        if (InstallLine.exposed(url)) {
            warnings.add(READ_ALONG);
        }
        if (!ownPassword) {
            sharing(repository.orElseThrow().url())
                    .map(Invitations::otherPassword)
                    .ifPresent(warnings::add);
        }
        var minted = tokens.mint(actor, body.hostname(), repository.orElseThrow(), paths);
        return new Invitation(
                minted.id(),
                minted.token(),
                minted.expiresAt(),
                line.join(url, minted.token()),
                warnings,
                ownPassword ? Optional.empty() : Optional.of(generated));
    }

    /** A host whose backups are there already; a directory of one machine is not that of another. */
    private Optional<Host> sharing(RepositoryUrl repository) {
        return repositories.hostsAt(repository).stream()
                .flatMap(id -> hosts.find(id).stream())
                .findFirst();
    }

    private static String otherPassword(Host host) {
        return "Host " + host.name()
                + " backs up to this repository already, and the password that was made for this machine"
                + " does not open it: make another line with the repository password of " + host.name() + ".";
    }

    /** @param violations gets what is wrong with it; it is empty then */
    private static Optional<Repository> repository(TokenBody body, String generated, List<Violation> violations) {
        try {
            return Optional.of(body.repository().checked().apply(generated));
        } catch (Problem e) {
            violations.addAll(e.errors());
            return Optional.empty();
        }
    }
}
