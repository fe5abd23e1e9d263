package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A repository in an answer, without credentials.
 *
 * @param backend the kind, such as {@code rest}
 * @param hosts that use it
 * @param maintainerHostId the host that removes from it; null if none is set: each host looks after its own snapshots
 * @param maintainerAwaySince when the maintainer was last connected, if that is more than a week ago: nothing was removed or
 *     pruned since; null otherwise
 * @param maintainerUrl where the maintainer reaches it; null for {@code url}
 * @param status what the last job that opened it found: unknown, ok, unreachable, wrong_password, locked or damaged
 * @param statusDetail the reason, as text; null if there is none
 * @param checkedAt when the status was found; null if never
 * @param appendOnly whether its hosts can remove nothing: yes, no or unknown
 * @param sizeBytes what it takes at its location; null until it was measured
 * @param snapshotCount of all hosts
 * @param lastCheck null if it was never checked
 * @param lastPruneAt null if it was never pruned
 * @param unexpectedKeys number of keys that were added after the first list, and that nobody has confirmed
 * @param sizeLimitBytes size beyond which an alert opens; null for none
 * @param checkWithinDays days without a check after which an alert opens; 0 for never
 * @param pendingJobId the job that tries changed access, which applies once it has opened the repository; null if none is
 *     pending
 */
public record RepositoryView(
        RepositoryId id,
        String name,
        String url,
        String backend,
        List<User> hosts,
        Optional<HostId> maintainerHostId,
        Optional<Instant> maintainerAwaySince,
        Optional<String> maintainerUrl,
        String status,
        Optional<String> statusDetail,
        Optional<Instant> checkedAt,
        String appendOnly,
        Optional<Long> sizeBytes,
        long snapshotCount,
        Optional<LastCheck> lastCheck,
        Optional<Instant> lastPruneAt,
        int unexpectedKeys,
        Optional<Long> sizeLimitBytes,
        int checkWithinDays,
        Optional<JobId> pendingJobId) {

    /** A host that uses a repository. */
    public record User(HostId id, String name) {}

    /**
     * The last check.
     *
     * @param dataReadShare how much of the data it has read, 0 to 1
     */
    public record LastCheck(Instant at, boolean ok, double dataReadShare) {}

    static RepositoryView of(
            RepositoryRow row,
            List<User> hosts,
            Optional<Instant> maintainerAwaySince,
            long snapshots,
            int keys,
            Optional<JobId> pending) {
        return new RepositoryView(
                row.id(),
                row.name(),
                row.url(),
                backend(row.url()),
                hosts,
                row.maintainerHostId(),
                maintainerAwaySince,
                row.maintainerUrl(),
                row.status(),
                row.statusDetail(),
                row.checkedAt(),
                row.appendOnly(),
                row.sizeBytes(),
                snapshots,
                row.lastCheckAt()
                        .map(at -> new LastCheck(
                                at,
                                row.lastCheckOk().orElse(false),
                                row.lastCheckShare().orElse(0.0))),
                row.lastPruneAt(),
                keys,
                row.sizeLimitBytes(),
                row.checkWithinDays(),
                pending);
    }

    /** An earlier version may have stored a URL of which none can be told. */
    private static String backend(String url) {
        try {
            return new RepositoryUrl(url).backend();
        } catch (IllegalArgumentException e) {
            return "unknown";
        }
    }
}
