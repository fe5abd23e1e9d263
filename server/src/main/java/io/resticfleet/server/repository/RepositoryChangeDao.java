package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code repository_changes} table. Other packages use {@link RepositoryChanges}. */
interface RepositoryChangeDao {

    @SqlQuery("SELECT * FROM repository_changes WHERE host_id = :hostId")
    Optional<RepositoryChanges.Pending> find(HostId hostId);

    @SqlQuery("SELECT * FROM repository_changes WHERE repository_id = :id")
    Optional<RepositoryChanges.Pending> ofRepository(RepositoryId id);

    @SqlQuery("SELECT * FROM repository_changes")
    List<RepositoryChanges.Pending> all();

    @SqlUpdate("""
            INSERT INTO repository_changes (host_id, job_id, url, requested_by, requested_at, repository_id, used_id,
                                            used_position, test)
            VALUES (:hostId, :jobId, :url, :requestedBy, :requestedAt, :repositoryId, :usedId, :usedPosition, :test)
            ON CONFLICT (host_id) DO UPDATE
               SET job_id = excluded.job_id, url = excluded.url, requested_by = excluded.requested_by,
                   requested_at = excluded.requested_at, repository_id = excluded.repository_id,
                   used_id = excluded.used_id, used_position = excluded.used_position,
                   test = excluded.test
            """)
    void put(@BindMethods RepositoryChanges.Pending change);

    /** Deletes those with which hosts would open a repository with credentials of their own. */
    @SqlUpdate("DELETE FROM repository_changes WHERE used_id = :id")
    void deleteUses(RepositoryId id);

    @SqlUpdate("DELETE FROM repository_changes WHERE used_id = :id AND host_id = :hostId")
    void deleteUse(HostId hostId, RepositoryId id);

    @SqlUpdate("DELETE FROM repository_changes WHERE host_id = :hostId")
    void delete(HostId hostId);
}
