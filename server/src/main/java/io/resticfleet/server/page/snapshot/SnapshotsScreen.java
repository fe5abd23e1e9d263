package io.resticfleet.server.page.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A host's snapshots, as its agent last listed them. */
record SnapshotsScreen(HostFrame host, Fragment<Shown> list) implements PageModel {

    /**
     * The list.
     *
     * @param refreshedAt when restic listed them; absent if never
     * @param items the newest snapshots, newest first
     * @param total number of all snapshots
     * @param repository its URL; empty if the host has none
     * @param canRefresh whether the agent is connected, so that it can list them again
     */
    record Shown(
            HostId hostId,
            Optional<Instant> refreshedAt,
            List<Item> items,
            int total,
            String repository,
            boolean canRefresh) {}

    /**
     * A snapshot.
     *
     * @param schedule name of the schedule that made it; empty if none did, or it was deleted
     * @param tags without the one that names the schedule
     * @param bytes size of its files; absent if restic does not report it
     */
    record Item(
            String id,
            String shortId,
            Instant time,
            String schedule,
            List<String> paths,
            List<String> tags,
            Optional<Long> files,
            Optional<Long> bytes) {}

    @Override
    public String template() {
        return "snapshot/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(host.head(), list);
    }
}
