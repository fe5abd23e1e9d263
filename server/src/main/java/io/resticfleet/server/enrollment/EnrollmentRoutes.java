package io.resticfleet.server.enrollment;

import io.javalin.http.Context;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Enrolment over HTTP: an operator creates a token, and the agent enrols with it. */
public final class EnrollmentRoutes {

    /** Path of the script that installs the agent. */
    public static final String INSTALL_SCRIPT_PATH = "/agent/install.sh";

    private final EnrollmentTokens tokens;
    private final Invitations invitations;
    private final Site site;

    public EnrollmentRoutes(EnrollmentTokens tokens, Invitations invitations, Site site) {
        this.tokens = tokens;
        this.invitations = invitations;
        this.site = site;
    }

    /** The public part of an {@link Invitations.Invitation}. */
    record TokenAnswer(
            String token, Instant expiresAt, String command, List<String> warnings, Optional<String> repoPassword) {}

    public void install(Routes routes) {
        routes.post(
                        "/api/enrollment-tokens",
                        Access.USER,
                        "Create a one-time token that enrols one machine",
                        this::mint)
                .takes(Invitations.TokenBody.class)
                .answers(201, TokenAnswer.class);
        routes.post(
                        Protocol.ENROLL_PATH,
                        Access.ENROLLMENT_TOKEN,
                        "Enrol an agent with a token; called by the agent",
                        this::enroll)
                .takes(Enrollment.Request.class)
                .answers(201, Enrollment.Answer.class);
    }

    private void mint(Context ctx) {
        var body = Requests.body(ctx, Invitations.TokenBody.class);
        var made = invitations.invite(Actor.of(ctx), body, site.url(ctx));
        ctx.status(201)
                .json(new TokenAnswer(
                        made.token(), made.expiresAt(), made.command(), made.warnings(), made.repoPassword()));
    }

    private void enroll(Context ctx) {
        var request = Requests.body(ctx, Enrollment.Request.class);
        ctx.status(201).json(tokens.enroll(Actor.unproven(ctx, "agent"), request));
    }
}
