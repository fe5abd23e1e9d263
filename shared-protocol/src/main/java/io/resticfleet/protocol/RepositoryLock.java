package io.resticfleet.protocol;

/**
 * A lock in a repository, as restic describes it.
 *
 * @param id 64 hexadecimal digits; another one after each refresh, which happens every 5 minutes
 * @param exclusive whether its holder needs the repository alone
 * @param time when it was taken or last refreshed, by its holder's clock
 */
public record RepositoryLock(String id, boolean exclusive, String hostname, String username, long pid, String time) {

    public RepositoryLock {
        id = Limit.cut(id, Limit.NAME);
        hostname = Limit.cut(hostname, Limit.NAME);
        username = Limit.cut(username, Limit.NAME);
        pid = Limit.count(pid);
        time = Limit.cut(time, Limit.NAME);
    }
}
