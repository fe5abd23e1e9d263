package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Caller;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes the frame of a snapshot's pages. */
final class SnapshotFrames {

    /** On each side of a snapshot. */
    private static final int NEIGHBOURS = 30;

    private final Frames frames;
    private final Snapshots snapshots;
    private final RepositoryCatalog catalog;
    private final Fleet fleet;
    private final Baskets baskets;

    SnapshotFrames(Frames frames, Snapshots snapshots, RepositoryCatalog catalog, Fleet fleet, Baskets baskets) {
        this.frames = frames;
        this.snapshots = snapshots;
        this.catalog = catalog;
        this.fleet = fleet;
        this.baskets = baskets;
    }

    /**
     * The snapshot in the request's path.
     *
     * @throws io.resticfleet.server.web.Problem 404
     */
    LocatedSnapshot located(Context ctx) {
        return located(ctx.pathParam("snapshot"));
    }

    /** @throws io.resticfleet.server.web.Problem 404 */
    LocatedSnapshot located(String id) {
        return snapshots.locate(id);
    }

    /** The hosts that use the repository of a snapshot. */
    List<HostStatus> users(LocatedSnapshot located) {
        return fleet.now()
                .some(catalog.get(located.repositoryId()).hosts().stream()
                        .map(RepositoryView.User::id)
                        .toList());
    }

    /** The host that made a snapshot; absent if it is none of those that use its repository. */
    Optional<HostStatus> maker(LocatedSnapshot located) {
        return users(located).stream()
                .filter(user -> user.host().hostname().equals(located.snapshot().hostname()))
                .findFirst();
    }

    /**
     * @param title such as {@code Files}
     * @param api path in the API that returns the same data
     */
    SnapshotFrame of(Context ctx, LocatedSnapshot located, String tab, String title, String api) {
        var snapshot = located.snapshot();
        var maker = maker(located);
        var host = maker.map(status -> status.host().name()).orElse(snapshot.hostname());
        var around = snapshots.around(located, NEIGHBOURS);
        return new SnapshotFrame(
                frames.of(ctx, "machines", title + " of " + host, api),
                tab,
                snapshot,
                located.repositoryId(),
                maker.map(status -> status.host().id()),
                host,
                others(snapshot, around),
                previous(snapshot, around.older()).map(SnapshotFrame.Other::of),
                alike(snapshot, around.newer()).map(SnapshotFrame.Other::of),
                baskets.of(Caller.of(ctx).userId(), snapshot.id()).size());
    }

    /** The snapshot that shows, compared with this one, what its backup has changed. */
    Optional<Snapshot> previous(LocatedSnapshot located) {
        return previous(
                located.snapshot(), snapshots.around(located, NEIGHBOURS).older());
    }

    private static Optional<Snapshot> previous(Snapshot snapshot, List<Snapshot> older) {
        return older.stream()
                .filter(other -> snapshot.parent().equals(Optional.of(other.id())))
                .findFirst()
                .or(() -> alike(snapshot, older));
    }

    private static Optional<Snapshot> alike(Snapshot snapshot, List<Snapshot> others) {
        return others.stream()
                .filter(other -> other.paths().equals(snapshot.paths()))
                .findFirst();
    }

    private static List<SnapshotFrame.Other> others(Snapshot snapshot, Snapshots.Neighbours around) {
        var newer = new ArrayList<>(around.newer());
        Collections.reverse(newer);
        return Stream.of(newer.stream(), Stream.of(snapshot), around.older().stream())
                .flatMap(part -> part)
                .map(SnapshotFrame.Other::of)
                .toList();
    }
}
