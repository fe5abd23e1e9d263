-- What restic said was in the repository, for pages and the API: nobody waits for restic to read it.

CREATE TABLE snapshots (
    host_id        TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    id             TEXT    NOT NULL,              -- restic's, 64 hexadecimal digits
    taken_at       INTEGER NOT NULL,
    snapshot_json  TEXT    NOT NULL,
    PRIMARY KEY (host_id, id)
) STRICT;

CREATE TABLE snapshot_lists (
    host_id       TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    refreshed_at  INTEGER NOT NULL
) STRICT;
