package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * Locks of a repository.
 *
 * @param locks as many as can be looked up in time
 * @param count of all
 */
@JsonPropertyOrder("ask")
public record LocksReport(List<RepositoryLock> locks, int count) implements Reply {

    private static final int MAX_LOCKS = 100;

    /** @throws IllegalArgumentException if there are too many */
    public LocksReport {
        Limit.check(locks, MAX_LOCKS);
        locks = List.copyOf(locks);
    }

    @JsonProperty("ask")
    String word() {
        return Ask.Locks.WORD;
    }
}
