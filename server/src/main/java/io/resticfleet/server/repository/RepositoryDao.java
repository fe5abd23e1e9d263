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

/** The {@code repositories} and {@code host_repositories} tables. Other features use {@link Repositories}. */
interface RepositoryDao {

    /** Id of the repository at a location. */
    @SqlQuery("""
            SELECT id
              FROM repositories
             WHERE location = :location
               AND coalesce(host_id, '') = coalesce(:hostId, '')
            """)
    Optional<RepositoryId> find(String location, Optional<HostId> hostId);

    @SqlQuery("SELECT * FROM repositories WHERE id = :id")
    Optional<RepositoryRow> get(RepositoryId id);

    /** In the order of their creation, with ids higher than {@code after}. */
    @SqlQuery("SELECT * FROM repositories WHERE id > :after ORDER BY id LIMIT :limit")
    List<RepositoryRow> list(String after, int limit);

    @SqlUpdate("""
            INSERT INTO repositories (id, name, url, location, host_id, created_at)
            VALUES (:id, :name, :url, :location, :hostId, :now)
            """)
    void insert(RepositoryId id, String name, String url, String location, Optional<HostId> hostId, Instant now);

    @SqlQuery("""
            SELECT *
              FROM repositories
             WHERE status IN ('unreachable', 'wrong_password', 'damaged')
                OR last_check_ok = 0
                OR id IN (SELECT repository_id FROM repository_keys WHERE NOT expected)
                OR maintainer_host_id IN (SELECT id FROM hosts WHERE last_seen_at < :awayBefore)
             ORDER BY id
             LIMIT :most
            """)
    List<RepositoryRow> troubled(Instant awayBefore, int most);

    @SqlUpdate("UPDATE repositories SET size_limit_bytes = :bytes WHERE id = :id")
    void limitSize(RepositoryId id, Optional<Long> bytes);

    @SqlUpdate("UPDATE repositories SET check_within_days = :days WHERE id = :id")
    void checkWithin(RepositoryId id, int days);

    @SqlUpdate("UPDATE repositories SET name = :name WHERE id = :id")
    void rename(RepositoryId id, String name);

    /** Moves a repository. A name that was its location becomes the new location. */
    @SqlUpdate("""
            UPDATE repositories
               SET url = :url, location = :location, name = iif(name = location, :location, name), host_id = :hostId
             WHERE id = :id
            """)
    void move(RepositoryId id, String url, String location, Optional<HostId> hostId);

    @SqlUpdate("UPDATE repositories SET maintainer_host_id = :hostId, maintainer_url = :url WHERE id = :id")
    void maintain(RepositoryId id, Optional<HostId> hostId, Optional<String> url);

    @SqlUpdate("DELETE FROM repositories WHERE id = :id")
    void delete(RepositoryId id);

    /** The repositories of a host, the default first. */
    @SqlQuery("SELECT repository_id AS id, url FROM host_repositories WHERE host_id = :hostId ORDER BY position")
    List<HostRepository> ofHost(HostId hostId);

    /** URLs of the hosts' first repositories. */
    @KeyColumn("host_id")
    @ValueColumn("url")
    @SqlQuery("SELECT host_id, url FROM host_repositories WHERE position = 1")
    Map<HostId, String> urls();

    @SqlQuery("SELECT host_id FROM host_repositories WHERE repository_id = :id ORDER BY host_id")
    List<HostId> hosts(RepositoryId id);

    /** A repository that a host uses. */
    record Use(HostId hostId, RepositoryId repositoryId, String url) {}

    @SqlQuery("SELECT host_id, repository_id, url FROM host_repositories ORDER BY host_id, position")
    List<Use> uses();

    @SqlUpdate("""
            INSERT INTO host_repositories (host_id, repository_id, position, url, updated_at)
            VALUES (:hostId, :id, :position, :url, :now)
            ON CONFLICT (host_id, repository_id) DO UPDATE
               SET position = excluded.position, url = excluded.url, updated_at = excluded.updated_at
            """)
    void use(HostId hostId, RepositoryId id, int position, String url, Instant now);

    @SqlUpdate("DELETE FROM host_repositories WHERE host_id = :hostId AND repository_id = :id")
    void leave(HostId hostId, RepositoryId id);

    @SqlUpdate("UPDATE host_repositories SET url = :url WHERE host_id = :hostId AND repository_id = :id")
    void respell(HostId hostId, RepositoryId id, String url);

    /**
     * Names of a host's schedules that use a repository, or copy to it.
     *
     * @param unnamed the repository of schedules that name none
     */
    @SqlQuery("""
            SELECT name
              FROM schedules
             WHERE host_id = :hostId
               AND (coalesce(repository_id, :unnamed) = :id OR options_json ->> '$.to' = :id)
             ORDER BY id
            """)
    List<String> schedulesUsing(HostId hostId, RepositoryId id, Optional<RepositoryId> unnamed);

    /** The enabled schedules of other hosts than the maintainer that only the maintainer could run, with their hosts. */
    @SqlQuery("""
            SELECT s.name || ' of ' || h.name
              FROM schedules s
              JOIN hosts h ON h.id = s.host_id
             WHERE s.kind IN ('forget', 'prune') AND s.enabled AND s.host_id <> :maintainer
               AND coalesce(s.repository_id,
                            (SELECT repository_id FROM host_repositories
                              WHERE host_id = s.host_id ORDER BY position LIMIT 1)) = :id
             ORDER BY s.id
            """)
    List<String> removingSchedules(RepositoryId id, HostId maintainer);
}
