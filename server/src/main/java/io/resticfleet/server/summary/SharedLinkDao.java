package io.resticfleet.server.summary;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code shared_links} table. */
interface SharedLinkDao {

    @SqlQuery("SELECT id FROM shared_links WHERE name = :name")
    Optional<String> find(String name);

    @SqlUpdate("INSERT INTO shared_links (name, id, created_at) VALUES (:name, :id, :now)")
    void insert(String name, String id, Instant now);

    @SqlUpdate("UPDATE shared_links SET created_at = :now WHERE name = :name")
    void renewed(String name, Instant now);
}
