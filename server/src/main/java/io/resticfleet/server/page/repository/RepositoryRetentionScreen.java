package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.retention.RetentionOverview;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Retention in a repository: what counts for which schedule, and what counts for none.
 *
 * @param groups of snapshots that name no schedule of this server
 * @param more whether there may be more of these
 */
record RepositoryRetentionScreen(
        RepositoryFrame frame, List<Line> lines, List<Group> groups, List<Choice> schedules, boolean more) {

    /** How many snapshots without a schedule are shown. */
    static final int SHOWN = 500;

    /**
     * A backup schedule.
     *
     * @param held why nothing of it is removed now; empty if it is
     */
    record Line(
            HostId hostId,
            String host,
            ScheduleId scheduleId,
            String schedule,
            long snapshots,
            long unproven,
            long uncounted,
            String held) {

        String path() {
            return "/hosts/" + hostId + "/schedules/" + scheduleId + "/retention";
        }
    }

    /**
     * Snapshots of the same machine and paths.
     *
     * @param suggested the schedule that most likely goes on with them; absent for none
     */
    record Group(
            int number,
            String hostname,
            List<String> paths,
            List<RetentionOverview.Foreign> snapshots,
            Optional<ScheduleId> suggested) {

        Instant newest() {
            return snapshots.get(0).timeAt();
        }

        Instant oldest() {
            return snapshots.get(snapshots.size() - 1).timeAt();
        }
    }

    /** A schedule to choose, such as {@code web: nightly}. */
    record Choice(ScheduleId id, String label) {}
}
