package io.resticfleet.server.page.files;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.host.HostFrame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Files whose names match, of a host or of all.
 *
 * @param host absent if all are searched
 * @param query as typed; empty before the first search
 * @param wrong why it cannot be searched for; empty if it can
 * @param incomplete what is not searched, in words; empty if everything is
 * @param next address of the next part; empty if this is the last
 */
record FindScreen(
        Frame frame,
        Optional<HostFrame> host,
        String query,
        String wrong,
        List<Row> rows,
        String incomplete,
        String next)
        implements PageModel {

    /**
     * A file or directory in its newest version.
     *
     * @param name its last name, on one line
     * @param directory path of the directory that it is in, on one line
     * @param within that directory in addresses
     * @param hostId absent if no host has its host name
     * @param type what it is if it is no file; else empty
     * @param lastSnapshotId of the newest snapshot that has it
     */
    record Row(
            String name,
            PathField field,
            String directory,
            PathField within,
            Optional<HostId> hostId,
            String host,
            String type,
            Optional<Long> size,
            Instant mtime,
            String lastSnapshotId,
            int versions) {

        /** Address of all its versions; of where it is, if its host is unknown. */
        String link() {
            return hostId.map(id -> "/hosts/" + id + "/versions?" + field.query())
                    .orElseGet(this::place);
        }

        /** Address of the directory that it is in. */
        String place() {
            return "/snapshots/" + lastSnapshotId + "/files?" + within.query();
        }
    }

    /** Path of the form. */
    String action() {
        return host.map(found -> found.path("files")).orElse("/find");
    }

    @Override
    public String template() {
        return "files/find.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.map(found -> found.and()).orElse(List.of());
    }
}
