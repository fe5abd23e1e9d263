package io.resticfleet.server.snapshot;

import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Routes;

/** Snapshots over HTTP. */
public final class SnapshotRoutes {

    private final Snapshots snapshots;

    public SnapshotRoutes(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/hosts/{host}/snapshots",
                        Access.USER,
                        "What restic last said was in the repository, newest first",
                        ctx -> ctx.json(snapshots.list(ctx.pathParam("host"))))
                .answers(200, Snapshots.Listing.class);
    }
}
