-- What would be left if a host died now, how long a restore takes, and the last proof of both.

-- The last complete backup of each schedule.
CREATE TABLE complete_backups (
    schedule_id TEXT    NOT NULL PRIMARY KEY REFERENCES schedules (id) ON DELETE CASCADE,
    host_id     TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    job_id      TEXT    NOT NULL,
    repository_id TEXT,             -- null: not known
    snapshot_id TEXT    NOT NULL,   -- or its first 8 digits, as restic 0.14 prints them
    started_at  INTEGER NOT NULL,   -- what has changed since then would be lost
    ended_at    INTEGER NOT NULL,   -- lists of later have its snapshot, or it is gone
    files       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL
) STRICT;
CREATE INDEX complete_backups_host ON complete_backups (host_id);

INSERT INTO complete_backups (schedule_id, host_id, job_id, repository_id, snapshot_id, started_at, ended_at, files, bytes)
SELECT s.id, s.host_id, j.id, j.repository_id, j.snapshot_id, coalesce(j.started_at, j.created_at),
       coalesce(j.finished_at, j.created_at),
       coalesce(j.stats_json ->> 'total_files_processed', 0), coalesce(j.stats_json ->> 'total_bytes_processed', 0)
  FROM schedules s
  JOIN jobs j ON j.id = (SELECT id
                           FROM jobs
                          WHERE schedule_id = s.id AND host_id = s.host_id
                            AND kind = 'backup' AND status = 'succeeded' AND snapshot_id IS NOT NULL
                          ORDER BY finished_at DESC
                          LIMIT 1)
 WHERE s.kind = 'backup';

-- The last drill that succeeded, of each host and of each of its backup schedules.
CREATE TABLE proven_restores (
    host_id     TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    of_schedule TEXT    NOT NULL,   -- whose snapshot was restored; '': the last of all
    job_id      TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    seconds     REAL,               -- null: not measured
    PRIMARY KEY (host_id, of_schedule)
) STRICT;

-- How long restores took, the last of each host.
CREATE TABLE restore_measures (
    job_id  TEXT    NOT NULL PRIMARY KEY,
    host_id TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    files   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    seconds REAL    NOT NULL
) STRICT;
CREATE INDEX restore_measures_host ON restore_measures (host_id, at);

-- The drill that the server starts each week on each host, and when the next one is due.
CREATE TABLE weekly_drills (
    host_id     TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    enabled     INTEGER NOT NULL,
    sample_json TEXT,               -- null: the default
    next_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX weekly_drills_next ON weekly_drills (next_at);

-- The hosts of before are spread over the first week.
INSERT INTO weekly_drills (host_id, enabled, next_at)
SELECT id, 1, unixepoch() * 1000 + (random() & 0x7fffffff) % 604800000 FROM hosts;

CREATE INDEX jobs_drills ON jobs (host_id, coalesce(options_json ->> 'of_schedule', ''), finished_at)
 WHERE kind = 'drill' AND schedule_id IS NULL;
