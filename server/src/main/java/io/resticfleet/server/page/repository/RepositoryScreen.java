package io.resticfleet.server.page.repository;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.job.JobLine;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Where a host's snapshots go, what is done there, and how it has grown.
 *
 * @param typed by field: what is in the form
 * @param wrong by field: what is wrong with it
 * @param sharing other hosts that go to the same place
 */
record RepositoryScreen(
        HostFrame host,
        Map<String, String> typed,
        Map<String, String> wrong,
        List<Named> sharing,
        Fragment<Upkeep> upkeep,
        Growth growth)
        implements PageModel {

    record Named(String id, String name) {}

    /** @param jobs the last of each kind, where there was one */
    record Upkeep(String hostId, boolean online, List<JobLine> jobs) {}

    /**
     * What the last backups held and added, oldest first.
     *
     * @param json for the chart: times in seconds, bytes held, bytes added
     */
    record Growth(List<Point> points, String json) {}

    record Point(Instant at, long held, long added) {}

    @Override
    public String template() {
        return "repository/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(host.head(), upkeep);
    }
}
