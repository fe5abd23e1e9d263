package io.resticfleet.server.enrollment;

import io.javalin.http.Context;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.RepositoryBody;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Joining over HTTP: the operator makes a token, the machine shows it. */
public final class EnrollmentRoutes {

    /** Where the agent's jar is offered. */
    public static final String AGENT_JAR_PATH = "/agent/restic-fleet-agent.jar";

    private final EnrollmentTokens tokens;
    private final Site site;
    private final Optional<String> certificatePin;

    /** @param certificatePin SHA-256 of this server's own certificate, which agents are told to insist on; absent without */
    public EnrollmentRoutes(EnrollmentTokens tokens, Site site, Optional<String> certificatePin) {
        this.tokens = tokens;
        this.site = site;
        this.certificatePin = certificatePin;
    }

    /**
     * @param hostname the name for the machine's snapshots; the machine's own if left out
     * @param initialPaths become a schedule that runs only when asked to; none if left out
     */
    record TokenBody(Optional<String> hostname, RepositoryBody repository, Optional<List<String>> initialPaths) {}

    /**
     * @param token shown once
     * @param command to be typed on the machine
     * @param repoPassword shown once, if it was generated: without it nobody can read the backups
     */
    record TokenAnswer(String token, Instant expiresAt, String command, Optional<String> repoPassword) {}

    public void install(Routes routes) {
        routes.post("/api/enrollment-tokens", Access.USER, "Make a token by which one machine can join", this::mint)
                .takes(TokenBody.class)
                .answers(201, TokenAnswer.class);
        routes.post(Protocol.ENROLL_PATH, Access.ENROLLMENT_TOKEN, "What the agent calls to join", this::enroll)
                .takes(Enrollment.Request.class)
                .answers(201, Enrollment.Answer.class);
    }

    private void mint(Context ctx) {
        var body = Requests.body(ctx, TokenBody.class);
        var violations = new ArrayList<Violation>();
        body.hostname()
                .filter(name -> !EnrollmentTokens.HOSTNAME.matcher(name).matches())
                .ifPresent(name -> violations.add(new Violation(
                        "hostname",
                        "invalid_hostname",
                        "hostname must be 1 to 63 letters, digits, dots, dashes or underscores but is '" + name
                                + "'")));
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
        var generated = Tokens.mint("");
        var repository = body.repository().toRepository(generated);
        var minted = tokens.mint(Actor.of(ctx), body.hostname(), repository, paths);
        ctx.status(201)
                .json(new TokenAnswer(
                        minted.token(),
                        minted.expiresAt(),
                        command(site.url(ctx), minted.token()),
                        body.repository().repoPassword().isPresent() ? Optional.empty() : Optional.of(generated)));
    }

    private String command(String url, String token) {
        return "curl -fsSo restic-fleet-agent.jar " + url + AGENT_JAR_PATH
                + " && sudo java -jar restic-fleet-agent.jar enroll --server " + url + " --token " + token
                + certificatePin.map(pin -> " --pin " + pin).orElse("");
    }

    private void enroll(Context ctx) {
        var request = Requests.body(ctx, Enrollment.Request.class);
        ctx.status(201).json(tokens.enroll(Actor.unproven(ctx, "agent"), request));
    }
}
