package io.resticfleet.server.repository;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code host_credentials} table. Other features ask {@link Credentials}. */
interface CredentialsDao {

    @SqlQuery("SELECT repository_url FROM host_credentials WHERE host_id = :hostId")
    Optional<String> url(String hostId);

    @KeyColumn("host_id")
    @ValueColumn("repository_url")
    @SqlQuery("SELECT host_id, repository_url FROM host_credentials")
    Map<String, String> urls();

    @SqlQuery("SELECT host_id FROM host_credentials WHERE repository_url = :url ORDER BY host_id")
    List<String> sharing(String url);

    @SqlUpdate("""
            INSERT INTO host_credentials (host_id, repository_url, updated_at)
            VALUES (:hostId, :url, :now)
            ON CONFLICT (host_id) DO UPDATE
               SET repository_url = excluded.repository_url, updated_at = excluded.updated_at
            """)
    void put(String hostId, String url, Instant now);
}
