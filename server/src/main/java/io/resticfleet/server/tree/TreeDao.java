package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code trees} table. */
interface TreeDao {

    @SqlQuery("SELECT * FROM trees WHERE repository_id = :repositoryId AND snapshot_id = :snapshotId")
    Optional<TreeRow> find(RepositoryId repositoryId, String snapshotId);

    /** Those of these snapshots that are known, evicted or not. */
    @SqlQuery("SELECT snapshot_id FROM trees WHERE repository_id = :repositoryId AND snapshot_id IN (<ids>)")
    List<String> known(RepositoryId repositoryId, @BindList List<String> ids);

    /** A tree with this content, of the same machine in the same repository. */
    @SqlQuery("""
            SELECT *
              FROM trees
             WHERE repository_id = :repositoryId AND hostname = :hostname AND restic_tree = :resticTree
               AND root IS NOT NULL
             LIMIT 1
            """)
    Optional<TreeRow> same(RepositoryId repositoryId, String hostname, String resticTree);

    /** All trees of a machine that were not evicted, newest first. */
    @SqlQuery("""
            SELECT *
              FROM trees
             WHERE repository_id = :repositoryId AND hostname = :hostname AND root IS NOT NULL
             ORDER BY taken_at DESC, id DESC
            """)
    List<TreeRow> ofHost(RepositoryId repositoryId, String hostname);

    /** The snapshots of a repository that are known, those after this one. */
    @SqlQuery("""
            SELECT snapshot_id
              FROM trees
             WHERE repository_id = :repositoryId AND snapshot_id > :after
             ORDER BY snapshot_id
             LIMIT :limit
            """)
    List<String> snapshots(RepositoryId repositoryId, String after, int limit);

    @SqlQuery("SELECT count(*) FROM trees WHERE found = 1 AND root IS NOT NULL")
    long count();

    @SqlQuery("""
            SELECT NOT EXISTS (SELECT 1
                                 FROM trees
                                WHERE repository_id = :repositoryId AND hostname = :hostname AND root IS NOT NULL
                                  AND found = 0)
            """)
    boolean allFound(RepositoryId repositoryId, String hostname);

    @SqlQuery("SELECT DISTINCT repository_id FROM trees")
    List<RepositoryId> repositories();

    /** Replaces the row of an evicted tree. */
    @SqlUpdate("""
            INSERT INTO trees (repository_id, hostname, snapshot_id, taken_at, restic_tree, root, nodes, stored_bytes,
                               host_id, found)
            VALUES (:tree.repositoryId, :tree.hostname, :tree.snapshotId, :tree.takenAt, :tree.resticTree, :tree.root,
                    :tree.nodes, :tree.storedBytes, :tree.hostId, 0)
            ON CONFLICT (repository_id, snapshot_id) DO UPDATE
               SET root = excluded.root, nodes = excluded.nodes, stored_bytes = excluded.stored_bytes,
                   host_id = excluded.host_id, restic_tree = excluded.restic_tree, found = 0
            """)
    void insert(@BindMethods("tree") TreeRow tree);

    @SqlUpdate("DELETE FROM trees WHERE id = :id")
    void delete(long id);

    @SqlUpdate("UPDATE trees SET root = NULL, stored_bytes = 0 WHERE id = :id")
    void evict(long id);

    /** The agent whose trees take most. */
    @SqlQuery("""
            SELECT host_id
              FROM trees
             WHERE root IS NOT NULL
             GROUP BY host_id
             ORDER BY sum(stored_bytes) DESC
             LIMIT 1
            """)
    Optional<HostId> largestLister();

    @SqlQuery("""
            SELECT *
              FROM trees
             WHERE host_id = :hostId AND root IS NOT NULL
             ORDER BY taken_at
             LIMIT 1
            """)
    Optional<TreeRow> oldest(HostId hostId);

    /** Counts bytes for the tree that has most of the blocks of one that goes: the next of the same machine. */
    @SqlUpdate("""
            UPDATE trees
               SET stored_bytes = stored_bytes + :bytes
             WHERE id = (SELECT id
                           FROM trees
                          WHERE repository_id = :tree.repositoryId AND hostname = :tree.hostname AND root IS NOT NULL
                            AND id <> :tree.id
                          ORDER BY abs(taken_at - :tree.takenAt)
                          LIMIT 1)
            """)
    void inherit(@BindMethods("tree") TreeRow tree, long bytes);

    @SqlQuery("SELECT * FROM trees WHERE found = 0 AND root IS NOT NULL ORDER BY id LIMIT 1")
    Optional<TreeRow> notFound();

    /** When the newest snapshot of a machine was taken whose tree was evicted; no row if there is none. */
    @SqlQuery("""
            SELECT taken_at
              FROM trees
             WHERE repository_id = :repositoryId AND hostname = :hostname AND root IS NULL
             ORDER BY taken_at DESC
             LIMIT 1
            """)
    Optional<Instant> newestEvicted(RepositoryId repositoryId, String hostname);

    /** Forgets that trees were evicted. */
    @SqlUpdate("DELETE FROM trees WHERE root IS NULL")
    int forgetEvicted();

    @SqlUpdate("UPDATE trees SET found = 1 WHERE id = :id")
    void found(long id);

    @SqlUpdate("UPDATE trees SET found = 0")
    void foundNone();

    @SqlQuery("""
            SELECT count(*) FILTER (WHERE root IS NOT NULL)
              FROM trees
             WHERE repository_id = :repositoryId AND hostname = :hostname
            """)
    long count(RepositoryId repositoryId, String hostname);

    @SqlQuery("""
            SELECT count(*) FILTER (WHERE root IS NULL)
              FROM trees
             WHERE repository_id = :repositoryId AND hostname = :hostname
            """)
    long evicted(RepositoryId repositoryId, String hostname);
}
