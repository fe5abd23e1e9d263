package io.resticfleet.protocol;

import java.util.List;

/**
 * A key of a repository, as it describes itself.
 *
 * @param id 64 hexadecimal digits; the first 8 of them before restic 0.17
 * @param current whether the agent itself opens the repository with it
 * @param created as restic prints it, in UTC
 */
public record RepositoryKey(String id, boolean current, String username, String hostname, String created) {

    private static final int MAX_LISTED = 1_000;

    public RepositoryKey {
        id = Limit.cut(id, Limit.NAME);
        username = Limit.cut(username, Limit.NAME);
        hostname = Limit.cut(hostname, Limit.NAME);
        created = Limit.cut(created, Limit.NAME);
    }

    /** As many of them as a result can have. */
    static List<RepositoryKey> limited(List<RepositoryKey> keys) {
        return List.copyOf(keys.subList(0, Math.min(MAX_LISTED, keys.size())));
    }
}
