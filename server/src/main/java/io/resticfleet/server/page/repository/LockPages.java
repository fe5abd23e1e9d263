package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.server.job.RepositoryLocks;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** Shows the locks of a repository, for which a machine is asked. */
final class LockPages {

    private final Html html;
    private final RepositoryFrames frames;
    private final RepositoryLocks locks;

    LockPages(Html html, RepositoryFrames frames, RepositoryLocks locks) {
        this.html = html;
        this.frames = frames;
        this.locks = locks;
    }

    void install(Routes routes) {
        routes.form("/repositories/{repository}/locks", Access.USER, this::show);
    }

    private void show(Context ctx) {
        var frame = frames.of(ctx, "");
        try {
            var found = locks.find(frame.repository().id(), Caller.of(ctx).userId());
            html.answer(ctx, "repository/locks-page.jte", new LocksScreen(frame, found, ""));
        } catch (Problem e) { // in words; the page itself is as wanted
            html.answer(ctx, "repository/locks-page.jte", new LocksScreen(frame, List.of(), e.getMessage()));
        }
    }
}
