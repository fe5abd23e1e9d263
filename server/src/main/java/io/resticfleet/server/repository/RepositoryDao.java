package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code repositories} and {@code host_credentials} tables. Other features use {@link Repositories}. */
interface RepositoryDao {

    /** Id of the repository at a location. */
    @SqlQuery("""
            SELECT id
              FROM repositories
             WHERE location = :location
               AND coalesce(host_id, '') = coalesce(:hostId, '')
            """)
    Optional<RepositoryId> find(String location, Optional<HostId> hostId);

    /** A repository's location, as it is stored. */
    record Stored(RepositoryId id, String location, Optional<HostId> hostId) {}

    @SqlQuery("SELECT id, location, host_id FROM repositories ORDER BY id")
    List<Stored> all();

    @SqlUpdate("""
            UPDATE repositories
               SET location = :location, name = iif(name = location, :location, name)
             WHERE id = :id
            """)
    void move(RepositoryId id, String location);

    @SqlUpdate("UPDATE host_credentials SET repository_id = :to WHERE repository_id = :from")
    void moveHosts(RepositoryId from, RepositoryId to);

    @SqlUpdate("UPDATE jobs SET repository_id = :to WHERE repository_id = :from")
    void moveJobs(RepositoryId from, RepositoryId to);

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

    @SqlUpdate("DELETE FROM repositories WHERE id = :id")
    void delete(RepositoryId id);

    @SqlUpdate("UPDATE host_credentials SET repository_url = :url WHERE host_id = :hostId")
    void respell(HostId hostId, String url);

    @SqlUpdate("""
            INSERT INTO repositories (id, name, location, host_id, created_at)
            VALUES (:id, :location, :location, :hostId, :now)
            """)
    void insert(RepositoryId id, String location, Optional<HostId> hostId, Instant now);

    @SqlQuery("SELECT repository_id AS id, repository_url AS url FROM host_credentials WHERE host_id = :hostId")
    Optional<HostRepository> ofHost(HostId hostId);

    @KeyColumn("host_id")
    @ValueColumn("repository_url")
    @SqlQuery("SELECT host_id, repository_url FROM host_credentials")
    Map<HostId, String> urls();

    @SqlQuery("SELECT host_id FROM host_credentials WHERE repository_id = :id ORDER BY host_id")
    List<HostId> hosts(RepositoryId id);

    @SqlUpdate("""
            INSERT INTO host_credentials (host_id, repository_id, repository_url, updated_at)
            VALUES (:hostId, :id, :url, :now)
            ON CONFLICT (host_id) DO UPDATE
               SET repository_id = excluded.repository_id, repository_url = excluded.repository_url,
                   updated_at = excluded.updated_at
            """)
    void assign(HostId hostId, RepositoryId id, String url, Instant now);
}
