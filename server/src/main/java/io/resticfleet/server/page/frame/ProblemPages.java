package io.resticfleet.server.page.frame;

import io.javalin.http.Context;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.ProblemPage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Shows errors in the browser: as a page, or as a toast for htmx requests. */
public final class ProblemPages implements ProblemPage {

    private static final Set<String> READS = Set.of("GET", "HEAD");

    private final Html html;
    private final Frames frames;
    private final SignInFlow signInFlow;

    public ProblemPages(Html html, Frames frames, SignInFlow signInFlow) {
        this.html = html;
        this.frames = frames;
        this.signInFlow = signInFlow;
    }

    @Override
    public void show(Context ctx, Problem.Body problem) {
        if (ctx.header("HX-Request") != null) {
            // A toast instead of the usual target: the form keeps its input.
            ctx.header("HX-Retarget", "#toasts")
                    .header("HX-Reswap", "beforeend")
                    .header("HX-Reselect", "unset");
            html.answer(ctx, "frame/toast.jte", toast(problem));
        } else if (problem.status() == 401) {
            toSignIn(ctx);
        } else {
            html.answer(
                    ctx,
                    "frame/problem.jte",
                    new ProblemScreen(
                            frames.open(ctx, title(problem.status())), title(problem.status()), problem.detail()));
        }
    }

    private void toSignIn(Context ctx) {
        boolean reads = READS.contains(ctx.method().name());
        if (reads && "cross-site".equalsIgnoreCase(ctx.header("Sec-Fetch-Site"))) {
            // A link from another site comes without the SameSite=Strict cookie; a reload by our own page sends it.
            ctx.status(200);
            html.answer(ctx, "frame/reload.jte", frames.open(ctx, "restic-fleet"));
            return;
        }
        var wanted = ctx.path() + (ctx.queryString() == null ? "" : "?" + ctx.queryString());
        ctx.status(303)
                .header(
                        "Location",
                        signInFlow.isNew()
                                ? "/setup"
                                : wanted.equals("/") || !reads
                                        ? "/login"
                                        : "/login?next=" + URLEncoder.encode(wanted, StandardCharsets.UTF_8));
    }

    private static Toast toast(Problem.Body problem) {
        return problem.status() == 401
                ? new Toast(
                        "bad", "You are signed out. Sign in in another tab, then continue here.", "/login", "Sign in")
                : Toast.failed(problem.detail());
    }

    private static String title(int status) {
        return switch (status) {
            case 403 -> "Not allowed";
            case 404 -> "Not found";
            case 409, 503 -> "Not possible now";
            case 429 -> "Too many attempts";
            case 500 -> "Internal error";
            default -> "Request failed";
        };
    }
}
