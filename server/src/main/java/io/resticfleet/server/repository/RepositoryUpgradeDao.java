package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rewrites what earlier versions stored of repositories. Used by {@link RepositoryUpgrade} only. */
interface RepositoryUpgradeDao {

    /** A repository's location, as it is stored. */
    record Stored(RepositoryId id, String location, Optional<HostId> hostId) {}

    @SqlQuery("SELECT id, location, host_id FROM repositories ORDER BY id")
    List<Stored> all();

    @SqlUpdate("""
            UPDATE repositories
               SET location = :location, name = iif(name = location, :location, name),
                   url = iif(url = location, :location, url)
             WHERE id = :id
            """)
    void move(RepositoryId id, String location);

    @SqlUpdate("UPDATE repositories SET url = :url WHERE id = :id")
    void respell(RepositoryId id, String url);

    @SqlUpdate("UPDATE OR IGNORE host_repositories SET repository_id = :to WHERE repository_id = :from")
    void moveHosts(RepositoryId from, RepositoryId to);

    @SqlUpdate("DELETE FROM host_repositories WHERE repository_id = :id")
    void deleteHosts(RepositoryId id);

    @SqlUpdate("UPDATE jobs SET repository_id = :to WHERE repository_id = :from")
    void moveJobs(RepositoryId from, RepositoryId to);

    @SqlUpdate("UPDATE schedules SET repository_id = :to WHERE repository_id = :from")
    void moveSchedules(RepositoryId from, RepositoryId to);

    /** Deletes the lists of hosts that have a newer one of the other repository. */
    @SqlUpdate("""
            DELETE FROM snapshot_lists
             WHERE repository_id = :id
               AND EXISTS (SELECT 1
                             FROM snapshot_lists newer
                            WHERE newer.host_id = snapshot_lists.host_id
                              AND newer.repository_id = :other
                              AND newer.refreshed_at >= snapshot_lists.refreshed_at)
            """)
    void deleteOlderLists(RepositoryId id, RepositoryId other);

    /** Deletes the snapshots of hosts that have a list of the other repository only. */
    @SqlUpdate("""
            DELETE FROM snapshots
             WHERE repository_id = :id
               AND host_id NOT IN (SELECT host_id FROM snapshot_lists WHERE repository_id = :id)
               AND host_id IN (SELECT host_id FROM snapshot_lists WHERE repository_id = :other)
            """)
    void deleteUnlisted(RepositoryId id, RepositoryId other);

    @SqlUpdate("UPDATE snapshot_lists SET repository_id = :to WHERE repository_id = :from")
    void moveLists(RepositoryId from, RepositoryId to);

    @SqlUpdate("UPDATE OR REPLACE snapshots SET repository_id = :to WHERE repository_id = :from")
    void moveSnapshots(RepositoryId from, RepositoryId to);
}
