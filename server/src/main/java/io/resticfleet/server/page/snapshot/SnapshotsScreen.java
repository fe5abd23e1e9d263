package io.resticfleet.server.page.snapshot;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is in a host's repository, as its agent last saw it. */
record SnapshotsScreen(HostFrame host, Fragment<Shown> list) implements PageModel {

    /**
     * @param refreshedAt when restic listed them; absent if it never did
     * @param items the newest, newest first
     * @param total how many there are
     * @param repository its URL; empty if the host has none
     * @param canRefresh whether the agent is there to list them anew
     */
    record Shown(
            String hostId,
            Optional<Instant> refreshedAt,
            List<Item> items,
            int total,
            String repository,
            boolean canRefresh) {}

    /**
     * A snapshot.
     *
     * @param schedule name of the one that made it; empty if that is no more, or none did
     * @param tags but the one that names the schedule
     * @param bytes what it holds; absent where restic does not say
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
