-- What a job without a schedule does beyond its kind, as the job's JSON; null: nothing.
ALTER TABLE jobs ADD COLUMN options_json TEXT;
UPDATE jobs SET options_json = '{"kind":"unlock","remove_all":true}' WHERE remove_all = 1;
ALTER TABLE jobs DROP COLUMN remove_all;

-- One row for each day on which a repository was measured, the last of the day.
CREATE TABLE repository_stats (
    repository_id      TEXT    NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    day                TEXT    NOT NULL,    -- in UTC, such as 2026-03-01
    measured_at        INTEGER NOT NULL,
    size_bytes         INTEGER NOT NULL,
    uncompressed_bytes INTEGER,             -- null: not known to its restic
    blob_count         INTEGER NOT NULL,
    snapshot_count     INTEGER NOT NULL,
    PRIMARY KEY (repository_id, day)
) STRICT;

-- Keys that were found in a repository. Those of the first list are expected.
CREATE TABLE repository_keys (
    repository_id TEXT    NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    key_id        TEXT    NOT NULL,         -- 64 hexadecimal digits, the first 8 of them before restic 0.17
    username      TEXT    NOT NULL,         -- as the key describes itself, and so the next two
    hostname      TEXT    NOT NULL,
    created       TEXT    NOT NULL,
    first_seen_at INTEGER NOT NULL,
    expected      INTEGER NOT NULL,         -- 0: nobody knows who added it
    PRIMARY KEY (repository_id, key_id)
) STRICT;

-- The parts of a repository's data that are read in turn.
ALTER TABLE repositories ADD COLUMN read_parts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE repositories ADD COLUMN read_last INTEGER NOT NULL DEFAULT 0;   -- the part that was read last; 0: none
CREATE INDEX repository_keys_created ON repository_keys (repository_id, created, key_id);
