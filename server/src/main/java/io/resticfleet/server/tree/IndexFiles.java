package io.resticfleet.server.tree;

import io.resticfleet.server.db.SideDatabase;
import java.nio.file.Path;
import java.util.List;

/** The files of the index. */
final class IndexFiles {

    private static final int TREES_VERSION = 1;

    /**
     * {@code blocks}: directories, and parts of large ones. {@code refs} counts the directories and trees that have it.
     * {@code block_keys}: from a hash of a block's bytes to the blocks that may have them. {@code trees}: a row for each
     * snapshot that was indexed; {@code root} is null if its tree was evicted, and 0 if it is empty.
     */
    private static final List<String> TREES = List.of(
            """
            CREATE TABLE blocks (
                id      INTEGER PRIMARY KEY AUTOINCREMENT,
                refs    INTEGER NOT NULL,
                content BLOB NOT NULL
            ) STRICT
            """,
            "CREATE INDEX blocks_unused ON blocks (id) WHERE refs = 0",
            """
            CREATE TABLE block_keys (
                hash  INTEGER NOT NULL,
                block INTEGER NOT NULL,
                PRIMARY KEY (hash, block)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE trees (
                id            INTEGER PRIMARY KEY,
                repository_id TEXT NOT NULL,
                hostname      TEXT NOT NULL,
                snapshot_id   TEXT NOT NULL,
                taken_at      INTEGER NOT NULL,
                restic_tree   TEXT NOT NULL,
                root          INTEGER,
                nodes         INTEGER NOT NULL,
                stored_bytes  INTEGER NOT NULL,  -- of blocks that no other tree had
                host_id       TEXT NOT NULL,     -- whose agent listed it
                found         INTEGER NOT NULL,  -- whether its names are in the other file
                UNIQUE (repository_id, snapshot_id)
            ) STRICT
            """,
            "CREATE INDEX trees_of_host ON trees (repository_id, hostname, taken_at)",
            "CREATE INDEX trees_by_lister ON trees (host_id, taken_at) WHERE root IS NOT NULL",
            "CREATE INDEX trees_not_found ON trees (id) WHERE found = 0 AND root IS NOT NULL");

    private static final int NAMES_VERSION = 2;

    /**
     * {@code directories}: each path that a machine's snapshots ever had, with the names that were ever in it; of a large one in
     * several rows, whose names begin with a slash. {@code block} is the one whose names it has. An id has its scope in the upper
     * 32 bits, so that what belongs to one machine is together. {@code names}: from three letters to the rows that have them.
     */
    private static final List<String> NAMES =
            List.of("CREATE TABLE source (instance TEXT NOT NULL) STRICT", """
            CREATE TABLE scopes (
                id            INTEGER PRIMARY KEY AUTOINCREMENT,
                repository_id TEXT NOT NULL,
                hostname      TEXT NOT NULL,
                last_id       INTEGER NOT NULL,
                bytes         INTEGER NOT NULL,  -- of names
                cut           INTEGER NOT NULL,  -- whether names were left out
                UNIQUE (repository_id, hostname)
            ) STRICT
            """, """
            CREATE TABLE directories (
                id     INTEGER PRIMARY KEY,
                parent INTEGER NOT NULL,
                name   BLOB NOT NULL,
                block  INTEGER NOT NULL,
                names  BLOB NOT NULL,
                UNIQUE (parent, name)
            ) STRICT
            """, """
            CREATE VIRTUAL TABLE names USING fts5 (
                text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
            )
            """);

    private IndexFiles() {}

    static SideDatabase names(Path directory) {
        return SideDatabase.open(directory.resolve("find.db"), NAMES_VERSION, NAMES);
    }

    static SideDatabase trees(Path directory) {
        return SideDatabase.open(directory.resolve("index.db"), TREES_VERSION, TREES);
    }
}
