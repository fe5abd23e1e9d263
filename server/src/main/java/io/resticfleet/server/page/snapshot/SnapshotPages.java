package io.resticfleet.server.page.snapshot;

import io.javalin.http.Context;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.host.RecoveryNote;
import io.resticfleet.server.page.text.ResticAccess;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The list of a host's snapshots. */
public final class SnapshotPages {

    private static final int PAGE_SIZE = 100;

    private final LivePages livePages;
    private final HostFrames frames;
    private final Snapshots snapshots;
    private final Repositories repositories;
    private final Recoveries recoveries;

    public SnapshotPages(
            LivePages livePages,
            HostFrames frames,
            Snapshots snapshots,
            Repositories repositories,
            Recoveries recoveries) {
        this.recoveries = recoveries;
        this.livePages = livePages;
        this.frames = frames;
        this.snapshots = snapshots;
        this.repositories = repositories;
    }

    public void install(Routes routes) {
        routes.page("/hosts/{host}", Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
    }

    private SnapshotsScreen look(Context ctx) {
        var status = frames.status(ctx);
        var host = frames.of(ctx, status, "", "/snapshots");
        return new SnapshotsScreen(
                host,
                new Fragment<>(
                        RecoveryNote.ID,
                        RecoveryNote.TEMPLATE,
                        new RecoveryNote(recoveries.of(status.host().id()), status.presence() == Presence.ONLINE),
                        host.frame().viewer()),
                new Fragment<>(
                        "snapshots",
                        "snapshot/list-fragment.jte",
                        shown(ctx, status),
                        host.frame().viewer()));
    }

    private SnapshotsScreen.Shown shown(Context ctx, HostStatus status) {
        var hostId = status.host().id();
        var listing = snapshots.list(hostId, new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")));
        var names = status.schedules().stream()
                .collect(Collectors.toMap(schedule -> Schedule.TAG_PREFIX + schedule.id(), ScheduleBrief::name));
        return new SnapshotsScreen.Shown(
                hostId,
                listing.refreshedAt(),
                listing.items().stream().map(snapshot -> item(snapshot, names)).toList(),
                snapshots.count(hostId),
                listing.nextCursor()
                        .map(cursor -> "/hosts/" + hostId + "?cursor=" + cursor)
                        .orElse(""),
                repositories
                        .find(hostId)
                        .map(repository -> ResticAccess.exports(repository.url(), repository.username()))
                        .orElse(List.of()),
                status.presence() == Presence.ONLINE);
    }

    private static SnapshotsScreen.Item item(Snapshot snapshot, Map<String, String> names) {
        return new SnapshotsScreen.Item(
                snapshot.id(),
                snapshot.shortId(),
                snapshot.time(),
                snapshot.tags().stream()
                        .filter(names::containsKey)
                        .map(names::get)
                        .findFirst()
                        .orElse(""),
                snapshot.paths(),
                snapshot.tags().stream()
                        .filter(tag -> !tag.startsWith(Schedule.TAG_PREFIX))
                        .toList(),
                snapshot.totalFiles(),
                snapshot.totalBytes());
    }
}
