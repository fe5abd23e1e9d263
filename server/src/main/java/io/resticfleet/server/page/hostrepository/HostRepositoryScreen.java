package io.resticfleet.server.page.hostrepository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.page.repository.RepositoryForm;
import io.resticfleet.server.repository.RepositoryView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A host's repositories: which it uses, access to the first, maintenance, and growth.
 *
 * @param form of its first repository
 * @param wrong error messages by form field
 */
record HostRepositoryScreen(
        HostFrame host,
        RepositoryForm form,
        Map<String, String> wrong,
        Uses uses,
        Fragment<Change> change,
        Fragment<Upkeep> upkeep,
        Growth growth)
        implements PageModel {

    /**
     * The last change.
     *
     * @param pending absent if it applies
     * @param applied the last change of the last day that applies; absent if there is none, or another one is pending
     */
    record Change(HostId hostId, Optional<Pending> pending, Optional<Applied> applied) {}

    /**
     * A change that does not apply yet.
     *
     * @param url of the new repository
     * @param jobId of the job that tries it
     * @param tried whether that job has ended
     * @param opened whether it has opened the repository; the change was refused then
     * @param why it could not be opened, or what the job waits for; may be empty
     * @param ownCredentials the repository that the machine tries credentials of its own for; absent for another change
     */
    record Pending(
            String url,
            JobId jobId,
            boolean tried,
            boolean opened,
            String why,
            boolean online,
            Optional<RepositoryId> ownCredentials) {}

    /**
     * A change that applies.
     *
     * @param url of the present repository
     * @param by user name
     */
    record Applied(String url, Instant at, String by) {}

    /**
     * The repositories of the host.
     *
     * @param used in their order, the default first
     * @param others that it could use too
     */
    record Uses(List<Used> used, List<RepositoryView> others) {}

    /**
     * A repository of the host.
     *
     * @param own whether the host opens it with credentials of its own
     * @param shared the other hosts that use it
     */
    record Used(RepositoryId id, String name, String url, boolean own, List<RepositoryView.User> shared) {

        private static final int NAMED = 3;

        /** The first of the other hosts. */
        List<RepositoryView.User> named() {
            return shared.subList(0, Math.min(NAMED, shared.size()));
        }

        /** How many other hosts there are besides. */
        int more() {
            return shared.size() - named().size();
        }
    }

    /** @param jobs the last job of each kind */
    record Upkeep(HostId hostId, boolean online, List<JobLine> jobs) {}

    /**
     * Size of the last backups, and what they added to the repository, oldest first.
     *
     * @param json for the chart, see {@link Chart}
     */
    record Growth(List<Point> points, String json) {

        /** Whether the points are of several schedules. */
        boolean ofSeveral() {
            return points.stream().map(Point::schedule).distinct().count() > 1;
        }
    }

    /** @param schedule its name */
    record Point(Instant at, String schedule, long size, long added) {}

    /**
     * What the chart draws: a line of sizes for each schedule, and bars of what was added.
     *
     * @param times epoch seconds
     * @param added in bytes, one for each time
     */
    record Chart(List<Long> times, List<Line> lines, List<Long> added) {

        /** @param sizes in bytes, one for each time; null at those of other schedules */
        record Line(String schedule, List<Long> sizes) {}

        static Chart of(List<Point> points) {
            return new Chart(
                    points.stream().map(point -> point.at().getEpochSecond()).toList(),
                    points.stream()
                            .map(Point::schedule)
                            .distinct()
                            .map(schedule -> new Line(schedule, sizes(points, schedule)))
                            .toList(),
                    points.stream().map(Point::added).toList());
        }

        private static List<Long> sizes(List<Point> points, String schedule) {
            return points.stream()
                    .map(point -> point.schedule().equals(schedule) ? point.size() : null)
                    .collect(Collectors.toList()); // allows null
        }
    }

    @Override
    public String template() {
        return "hostrepository/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and(change, upkeep);
    }
}
