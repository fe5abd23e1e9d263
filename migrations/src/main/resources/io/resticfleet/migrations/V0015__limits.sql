-- Limits of what hosts report: what is stored beyond them is cut, and each host has a daily quota.

UPDATE jobs SET error = substr(error, 1, 16300) || '… (' || (length(error) - 16300) || ' more characters)'
 WHERE length(error) > 16384;

-- length and substr end at a NUL, octet_length does not. A character has at most four bytes.
UPDATE jobs SET error = substr(error, 1, 16300) || '… (more characters)' WHERE octet_length(error) > 4 * 16384;
UPDATE jobs SET error_code = substr(error_code, 1, 255) || '…'
 WHERE length(error_code) > 256 OR octet_length(error_code) > 4 * 256;
UPDATE jobs SET snapshot_id = substr(snapshot_id, 1, 255) || '…'
 WHERE length(snapshot_id) > 256 OR octet_length(snapshot_id) > 4 * 256;
UPDATE host_schedule_version SET refused = substr(refused, 1, 4095) || '…'
 WHERE length(refused) > 4096 OR octet_length(refused) > 4 * 4096;
UPDATE agent_upgrades SET refusal = substr(refusal, 1, 4095) || '…'
 WHERE length(refusal) > 4096 OR octet_length(refusal) > 4 * 4096;
UPDATE agent_upgrades SET detail = substr(detail, 1, 4095) || '…'
 WHERE length(detail) > 4096 OR octet_length(detail) > 4 * 4096;

-- The host's next report of its snapshots replaces these.
DELETE FROM snapshots WHERE octet_length(snapshot_json) > 32768;
UPDATE snapshot_lists
   SET checksums = '',
       total = (SELECT count(*) FROM snapshots
                 WHERE snapshots.host_id = snapshot_lists.host_id
                   AND snapshots.repository_id = snapshot_lists.repository_id
                   AND added_in <= generation AND coalesce(removed_in, generation + 1) > generation);

-- Whether the server made a job, or it matched a schedule of its host when it was first reported. Others do not wait for
-- jobs that are neither.
ALTER TABLE jobs ADD COLUMN expected INTEGER NOT NULL DEFAULT 1;

-- What each host has used of its daily quota, and what of its reports was not stored.
CREATE TABLE host_days (
    host_id            TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    day                INTEGER NOT NULL,             -- in UTC, since 1970
    jobs               INTEGER NOT NULL DEFAULT 0,   -- that its reports added
    log_bytes          INTEGER NOT NULL DEFAULT 0,
    jobs_dropped       INTEGER NOT NULL DEFAULT 0,   -- beyond the quota, acknowledged and counted
    log_bytes_dropped  INTEGER NOT NULL DEFAULT 0,
    unstorable         INTEGER NOT NULL DEFAULT 0,   -- results that can never be stored, acknowledged and counted
    unstorable_reason  TEXT,                         -- of the last one
    unstorable_frame   TEXT,                         -- its beginning
    PRIMARY KEY (host_id, day)
) STRICT;
