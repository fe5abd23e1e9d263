package io.resticfleet.server.page.files;

import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.restore.Restores;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Routes;

/** Wires the pages that find files and get them back. */
public final class AllFilePages {

    private final BrowsePages browse;
    private final FindPages find;
    private final VersionPages versions;
    private final DiffPages diff;
    private final GrowthPages growth;
    private final RestorePages restore;

    public AllFilePages(
            Html html,
            LivePages livePages,
            Frames frames,
            HostFrames hostFrames,
            Snapshots snapshots,
            RepositoryCatalog catalog,
            Fleet fleet,
            Jobs jobs,
            Trees trees,
            Restores restores) {
        var baskets = new Baskets();
        var snapshotFrames = new SnapshotFrames(frames, snapshots, catalog, fleet, baskets);
        browse = new BrowsePages(html, snapshotFrames, snapshots, trees, baskets);
        find = new FindPages(livePages, frames, hostFrames, fleet, trees);
        versions = new VersionPages(livePages, hostFrames, trees);
        diff = new DiffPages(html, snapshotFrames, trees);
        growth = new GrowthPages(html, frames, snapshotFrames, jobs, trees);
        restore = new RestorePages(html, snapshotFrames, jobs, restores, baskets);
    }

    public void install(Routes routes) {
        browse.install(routes);
        find.install(routes);
        versions.install(routes);
        diff.install(routes);
        growth.install(routes);
        restore.install(routes);
    }
}
