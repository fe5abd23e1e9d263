package io.resticfleet.server.page.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.host.RecoveryNote;
import io.resticfleet.server.page.text.ResticAccess;
import io.resticfleet.server.page.text.ShellWords;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A host's snapshots, as its agent last listed them. */
record SnapshotsScreen(HostFrame host, Fragment<RecoveryNote> recovery, Fragment<Shown> list) implements PageModel {

    /**
     * The list.
     *
     * @param refreshedAt when restic listed them; absent if never
     * @param items a page of the snapshots, newest first
     * @param total number of all snapshots
     * @param older path of the next page; empty if this is the last
     * @param access lines that export the repository and what its server needs; empty if the host has none
     * @param canRefresh whether the agent is connected, so that it can list them again
     */
    record Shown(
            HostId hostId,
            Optional<Instant> refreshedAt,
            List<Item> items,
            long total,
            String older,
            List<String> access,
            boolean canRefresh) {

        /** Shell lines that restore the newest snapshot. */
        String restore() {
            return Stream.concat(
                            access.stream(),
                            Stream.of("restic restore "
                                    + ShellWords.quoted(items.get(0).shortId()) + " --target /tmp/restored"))
                    .collect(Collectors.joining("\n"));
        }

        /** Whether a line contains a placeholder. */
        boolean needsSecret() {
            return access.stream().anyMatch(line -> line.contains(ResticAccess.PLACEHOLDER));
        }

        boolean secretInUrl() {
            return access.stream().anyMatch(line -> line.contains(ResticAccess.PLACEHOLDER + "@"));
        }
    }

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
        return host.and(recovery, list);
    }
}
