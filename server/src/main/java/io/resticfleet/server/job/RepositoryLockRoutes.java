package io.resticfleet.server.job;

import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Optional;

/** The API of a repository's locks. */
public final class RepositoryLockRoutes {

    private final RepositoryLocks locks;

    public RepositoryLockRoutes(RepositoryLocks locks) {
        this.locks = locks;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/repositories/{repository}/locks",
                        Access.USER,
                        "Locks of the repository now; more than ten are not looked up",
                        ctx -> ctx.json(new Page<>(
                                locks.find(
                                        Requests.repository(ctx), Caller.of(ctx).userId()),
                                Optional.empty())))
                .answersPageOf(RepositoryLocks.Lock.class);
    }
}
