package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;

/**
 * The agent has a list of the host's snapshots. Sent when {@link ToAgent.SnapshotsAsk} has arrived on this connection,
 * and after each new listing. Answered by {@link ToAgent.SnapshotsWanted}, or by {@link ToAgent.SnapshotsStored} if the
 * server has the same list.
 *
 * @param report number of the offer on this connection; a later one replaces it
 * @param takenAt when the listing began, by the agent's clock
 * @param total number of snapshots
 * @param checksums see {@link SnapshotChecksums#toString}
 * @param whole whether it has the snapshots of all hosts. In JSON left out if false
 */
@JsonTypeName("snapshots.offer")
public record SnapshotsOffer(
        long report,
        RepositoryId repositoryId,
        Instant takenAt,
        long total,
        String checksums,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean whole)
        implements ToServer {

    /** @throws IllegalArgumentException if the checksums are not readable */
    public SnapshotsOffer {
        SnapshotChecksums.parse(checksums);
    }
}
