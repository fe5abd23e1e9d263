package io.resticfleet.server.snapshot;

import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Routes for snapshots. */
public final class SnapshotRoutes {

    private final Snapshots snapshots;

    public SnapshotRoutes(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/hosts/{host}/snapshots",
                        Access.USER,
                        "Snapshots in restic's last listing of the repository, newest first",
                        ctx -> ctx.json(snapshots.list(Requests.host(ctx), Page.Request.of(ctx))))
                .paged()
                .answers(200, Snapshots.Listing.class);
    }
}
