package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.Optional;

/**
 * A repository, without credentials.
 *
 * @param name chosen by the operator; initially the location
 * @param url without credentials
 * @param location canonical URL; the same for all spellings
 * @param hostId the host on whose disk it is; absent on the network, and for a directory that no host uses yet
 * @param maintainerHostId the host that may remove from it; absent if none is set
 * @param maintainerUrl where the maintainer reaches it; absent for {@code url}
 * @param status the word of a {@link RepositoryStatus}
 * @param statusDetail the reason, as text; absent if there is none
 * @param checkedAt when {@code status} was found; absent if it never was
 * @param appendOnly whether its hosts cannot remove anything: {@code yes}, {@code no} or {@code unknown}
 * @param sizeBytes at its location; absent if not known
 * @param lastCheckAt when it was last checked; absent if it never was
 * @param lastCheckShare how much of its data that check has read, 0 to 1
 * @param lastPruneAt absent if it never was
 * @param sizeLimitBytes size beyond which somebody is told; absent for none
 * @param checkWithinDays days without a check after which somebody is told; 0 for never
 */
public record RepositoryRow(
        RepositoryId id,
        String name,
        String url,
        String location,
        Optional<HostId> hostId,
        Optional<HostId> maintainerHostId,
        Optional<String> maintainerUrl,
        String status,
        Optional<String> statusDetail,
        Optional<Instant> checkedAt,
        String appendOnly,
        Optional<Long> sizeBytes,
        Optional<Instant> lastCheckAt,
        Optional<Boolean> lastCheckOk,
        Optional<Double> lastCheckShare,
        Optional<Instant> lastPruneAt,
        Optional<Long> sizeLimitBytes,
        int checkWithinDays) {}
