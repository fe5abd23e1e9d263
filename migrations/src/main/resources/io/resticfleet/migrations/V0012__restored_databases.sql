-- A database that is put back from a copy: how it is noticed, and which machines wait for a word about it.

-- One row. Agents remember the epoch; another one tells them that this is not the database they knew.
CREATE TABLE database_epoch (
    id     INTEGER NOT NULL PRIMARY KEY,
    epoch  TEXT    NOT NULL             -- random
) STRICT;
INSERT INTO database_epoch (id, epoch) VALUES (1, lower(hex(randomblob(16))));

-- Machines to which nothing is pushed, since their agents know more than this database.
CREATE TABLE restored_hosts (
    host_id       TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    since_at      INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    held_version  INTEGER,              -- of the schedules on the machine; null until its agent has said so
    decision      TEXT,                 -- what to do as soon as the machine is there; null until somebody decided
    decided_by    TEXT                  -- user name; null until then
) STRICT;

-- The highest result that is stored, and the highest that the agent says was acknowledged. Null: none yet.
ALTER TABLE hosts ADD COLUMN stored_sequence INTEGER;
ALTER TABLE hosts ADD COLUMN told_sequence INTEGER;

-- Of the result that last changed the row: what is older changes nothing any more. Null: no result did.
ALTER TABLE jobs ADD COLUMN result_sequence INTEGER;
ALTER TABLE snapshot_lists ADD COLUMN result_sequence INTEGER;
