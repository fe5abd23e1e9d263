package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.job.JobLine;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A host's repository: location, maintenance, and growth.
 *
 * @param typed values by form field
 * @param wrong error messages by form field
 * @param sharing other hosts with the same repository
 */
record RepositoryScreen(
        HostFrame host,
        Map<String, String> typed,
        Map<String, String> wrong,
        List<Named> sharing,
        Fragment<Upkeep> upkeep,
        Growth growth)
        implements PageModel {

    record Named(HostId id, String name) {}

    /** @param jobs the last job of each kind */
    record Upkeep(HostId hostId, boolean online, List<JobLine> jobs) {}

    /**
     * Size of the last backups, and what they added to the repository, oldest first.
     *
     * @param json for the chart: three lists of epoch seconds, bytes read, bytes added
     */
    record Growth(List<Point> points, String json) {}

    record Point(Instant at, long size, long added) {}

    @Override
    public String template() {
        return "repository/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(host.head(), upkeep);
    }
}
