package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ScheduleId;
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

/** Adding a machine: the operator names the repository and gets the install command with a token. */
public final class Invitations {

    /** In place of the id that the initial schedule gets when the machine enrols. */
    private static final ScheduleId DRAFT = new ScheduleId("0".repeat(Id.LENGTH));

    private static final String UNENCRYPTED =
            "The connection to this server is not encrypted: others on the network can"
                    + " read the token and the repository's credentials. Set up HTTPS first: RESTIC_FLEET_TLS, or a proxy and"
                    + " RESTIC_FLEET_PUBLIC_URL.";

    private static final String LOOPBACK =
            "The command works only on the machine of this server: other machines cannot reach %s. For them, set"
                    + " RESTIC_FLEET_LISTEN to an address of the network, RESTIC_FLEET_PUBLIC_URL to the URL that they use, and"
                    + " RESTIC_FLEET_TLS=self-signed, or put a proxy in front of the server.";

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
     * @param initialPaths paths of a manual backup schedule; none is created if left out
     */
    public record TokenBody(
            Optional<String> hostname, RepositoryBody repository, Optional<List<String>> initialPaths) {}

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
     * @throws Problem 400 with all invalid fields
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
            Schedules.initial(DRAFT, paths)
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
            warnings.add(UNENCRYPTED);
        }
        if (!ownPassword) {
            sharing(repository.orElseThrow().url())
                    .map(Invitations::otherPassword)
                    .ifPresent(warnings::add);
        }
        if (InstallLine.loopback(url)) {
            warnings.add(LOOPBACK.formatted(url));
        }
        var minted = tokens.mint(actor, body.hostname(), repository.orElseThrow(), paths);
        return new Invitation(
                minted.id(),
                minted.token(),
                minted.expiresAt(),
                line.enrolling(url, minted.token()),
                warnings,
                ownPassword ? Optional.empty() : Optional.of(generated));
    }

    /** A host that already uses this repository. A local path is a different directory on each machine. */
    private Optional<Host> sharing(RepositoryUrl repository) {
        return repositories.hostsAt(repository).stream()
                .flatMap(id -> hosts.find(id).stream())
                .findFirst();
    }

    private static String otherPassword(Host host) {
        return "Machine " + host.name()
                + " already backs up to this repository, and the password that was generated for the new machine does"
                + " not open it. Add the machine again with the repository password of " + host.name() + ".";
    }

    /** The repository; empty if it is invalid, and its errors are then added to {@code violations}. */
    private static Optional<Repository> repository(TokenBody body, String generated, List<Violation> violations) {
        try {
            return Optional.of(body.repository().checked().apply(generated));
        } catch (Problem e) {
            violations.addAll(e.errors());
            return Optional.empty();
        }
    }
}
