package io.resticfleet.server.rotation;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Optional;

/** The API of changes of repositories' passwords. */
public final class RotationRoutes {

    private static final String PATH = "/api/repositories/{repository}/rotate-password";

    private final PasswordRotations rotations;

    public RotationRoutes(PasswordRotations rotations) {
        this.rotations = rotations;
    }

    /**
     * A change of a repository's password.
     *
     * @param repoPassword the new one; generated if left out
     */
    record Wanted(Optional<String> repoPassword) {

        @Override
        public String toString() {
            return "Wanted[masked]";
        }
    }

    /**
     * A change that has begun.
     *
     * @param jobId of the job that adds a key for it
     * @param repoPassword shown once, if it was generated
     */
    record Begun(JobId jobId, Optional<String> repoPassword) {

        @Override
        public String toString() {
            return "Begun[" + jobId + "]";
        }
    }

    public void install(Routes routes) {
        routes.post(
                        PATH,
                        Access.USER,
                        "Change the repository's password: a key is added for it, proven on every host, and the old key removed",
                        this::begin)
                .takes(Wanted.class)
                .answers(202, Begun.class);
        routes.get(PATH, Access.USER, "How far the last change of the repository's password is", this::show)
                .answers(200, RotationView.class);
        routes.post(
                        PATH + "/retry",
                        Access.USER,
                        "Try at once again what has failed of a change of the password, such as to remove the old key",
                        this::retry)
                .answers(202, RotationView.class);
    }

    private void begin(Context ctx) {
        var wanted = ctx.bodyAsBytes().length == 0
                ? Optional.<String>empty()
                : Requests.body(ctx, Wanted.class).repoPassword();
        var begun = rotations.begin(Actor.of(ctx), Requests.repository(ctx), wanted);
        ctx.status(202).json(new Begun(begun.jobId(), begun.repoPassword()));
    }

    private void show(Context ctx) {
        ctx.json(view(ctx));
    }

    private void retry(Context ctx) {
        rotations.retry(Actor.of(ctx), Requests.repository(ctx));
        ctx.status(202).json(view(ctx));
    }

    private RotationView view(Context ctx) {
        var id = Requests.repository(ctx);
        return rotations.find(id).orElseThrow(() -> Problem.notFound("a change of the password of repository " + id));
    }
}
