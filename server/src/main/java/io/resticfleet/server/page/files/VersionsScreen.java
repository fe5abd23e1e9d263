package io.resticfleet.server.page.files;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a host's snapshots have at a path.
 *
 * @param name its last name, on one line
 * @param directory path of the directory that it is in, on one line
 * @param incomplete what is not known, in words; empty if everything is
 */
record VersionsScreen(HostFrame host, String name, String directory, PathField field, List<Row> rows, String incomplete)
        implements PageModel {

    /**
     * A version.
     *
     * @param type what it is if it is no file; else empty
     * @param linkTarget on one line; empty if it is no symbolic link
     * @param place address of the directory in the newest snapshot that has this version
     * @param snapshots number of those that have it
     */
    record Row(
            boolean directory,
            String type,
            Optional<Long> size,
            Instant mtime,
            String linkTarget,
            String firstId,
            Instant firstAt,
            String lastId,
            Instant lastAt,
            String place,
            int snapshots) {

        boolean file() {
            return size.isPresent();
        }
    }

    @Override
    public String template() {
        return "files/versions.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and();
    }
}
