package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code repository_rotations} and {@code repository_rotation_hosts} tables. Others use {@link KeyRotations}. */
interface KeyRotationDao {

    @SqlQuery("SELECT * FROM repository_rotations WHERE repository_id = :id")
    Optional<KeyRotation> find(RepositoryId id);

    /** Those that have not ended. */
    @SqlQuery("SELECT repository_id FROM repository_rotations WHERE phase IN ('adding', 'proving', 'removing')")
    List<RepositoryId> open();

    @SqlUpdate("""
            INSERT INTO repository_rotations (repository_id, phase, requested_by, requested_at, key_id, old_key_ids, job_id,
                                              detail, tried_at, released)
            VALUES (:repositoryId, :phase, :requestedBy, :requestedAt, :keyId, :oldKeyIds, :jobId, :detail, :triedAt,
                    :released)
            ON CONFLICT (repository_id) DO UPDATE
               SET phase = excluded.phase, requested_by = excluded.requested_by, requested_at = excluded.requested_at,
                   key_id = excluded.key_id, old_key_ids = excluded.old_key_ids, job_id = excluded.job_id,
                   detail = excluded.detail, tried_at = excluded.tried_at, released = excluded.released
            """)
    void put(@BindMethods KeyRotation rotation);

    @SqlQuery("SELECT * FROM repository_rotation_hosts WHERE repository_id = :id")
    List<KeyRotation.Progress> hosts(RepositoryId id);

    @SqlUpdate("""
            INSERT INTO repository_rotation_hosts (repository_id, host_id, step, job_id, confirmed_at, detail, tried_at)
            VALUES (:repositoryId, :hostId, :step, :jobId, :confirmedAt, :detail, :triedAt)
            ON CONFLICT (repository_id, host_id) DO UPDATE
               SET step = excluded.step, job_id = excluded.job_id, confirmed_at = excluded.confirmed_at,
                   detail = excluded.detail, tried_at = excluded.tried_at
            """)
    void put(@BindMethods KeyRotation.Progress progress);

    @SqlUpdate("DELETE FROM repository_rotation_hosts WHERE repository_id = :id")
    void forgetHosts(RepositoryId id);

    /** The repository of which a job changes the password. */
    @SqlQuery("""
            SELECT repository_id FROM repository_rotations WHERE job_id = :jobId
             UNION
            SELECT repository_id FROM repository_rotation_hosts WHERE job_id = :jobId
            """)
    Optional<RepositoryId> ofJob(JobId jobId);

    /** Has what failed on a host be tried again at once. */
    @SqlUpdate("UPDATE repository_rotation_hosts SET tried_at = NULL WHERE host_id = :hostId")
    void retryAtHost(HostId hostId);

    /** Has what failed be tried again at once. */
    @SqlUpdate("UPDATE repository_rotation_hosts SET tried_at = NULL WHERE repository_id = :id")
    void retryHosts(RepositoryId id);
}
