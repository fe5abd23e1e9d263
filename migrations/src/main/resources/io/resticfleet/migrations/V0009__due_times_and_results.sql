-- Every due time has a run with its result, or a missed row.

ALTER TABLE schedules ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'run_once';   -- run_once, skip, or within:<duration>
ALTER TABLE schedules ADD COLUMN jitter_minutes INTEGER NOT NULL DEFAULT 0;

-- Last change of the schedule's timing; due times before it are not checked for missed runs. Null: created_at.
ALTER TABLE schedules ADD COLUMN timed_since_at INTEGER;

-- Names are unique on a host: each schedule with a duplicate name gets the next free number. Names have at most 100 characters.
CREATE TEMP TABLE renamed AS
WITH RECURSIVE
repeated AS (
    SELECT id, host_id, name, row_number() OVER (PARTITION BY host_id, name ORDER BY id) AS nth FROM schedules),
numbered AS (
    SELECT id, host_id, substr(name, 1, 90) AS stem,
           row_number() OVER (PARTITION BY host_id, substr(name, 1, 90) ORDER BY id) AS nth
      FROM repeated
     WHERE nth > 1),
number AS (
    SELECT 2 AS n
    UNION ALL
    SELECT n + 1 FROM number WHERE n <= (SELECT max(c) FROM (SELECT count(*) AS c FROM schedules GROUP BY host_id))),
free AS (
    SELECT host_id, stem, n, row_number() OVER (PARTITION BY host_id, stem ORDER BY n) AS nth
      FROM (SELECT DISTINCT host_id, stem FROM numbered) AS d, number
     WHERE NOT EXISTS (SELECT 1 FROM schedules s WHERE s.host_id = d.host_id AND s.name = d.stem || ' ' || n))
SELECT id AS schedule_id, host_id, stem || ' ' || n AS name FROM numbered JOIN free USING (host_id, stem, nth);

UPDATE schedules SET name = renamed.name FROM renamed WHERE schedules.id = schedule_id;
UPDATE host_schedule_version SET version = version + 1 WHERE host_id IN (SELECT host_id FROM renamed);
DROP TABLE renamed;

CREATE UNIQUE INDEX schedules_name ON schedules (host_id, name);
DROP INDEX schedules_host;   -- replaced by the new index

-- Every due time up to checked_until has a job or a missed row.
CREATE TABLE schedule_watch (
    schedule_id    TEXT    NOT NULL PRIMARY KEY REFERENCES schedules (id) ON DELETE CASCADE,
    checked_until  INTEGER NOT NULL
) STRICT;

-- Machine-readable reason for an end; the text in error may change. Null for successes, for missed runs, and from agents
-- that send none.
ALTER TABLE jobs ADD COLUMN error_code TEXT;

-- A missed row covers every due time of its schedule from here to due_at. Null: due_at alone.
ALTER TABLE jobs ADD COLUMN missed_since_at INTEGER;

-- Null unless a user cancelled the job; the request is sent at each hello until the job ends.
ALTER TABLE jobs ADD COLUMN cancel_requested_at INTEGER;

-- Sequence number of the result that last changed the row; older results are ignored. Null: none.
ALTER TABLE jobs ADD COLUMN result_sequence INTEGER;
ALTER TABLE snapshot_lists ADD COLUMN result_sequence INTEGER;

-- Highest sequence number that is stored, and highest that the agent reports as acknowledged. Null: none yet.
ALTER TABLE hosts ADD COLUMN stored_sequence INTEGER;
ALTER TABLE hosts ADD COLUMN told_sequence INTEGER;

-- Queries of the queue and of single hosts.
DROP INDEX jobs_open;
CREATE INDEX jobs_open_host ON jobs (host_id) WHERE status IN ('queued', 'running');
DROP INDEX jobs_last;
CREATE INDEX jobs_last_backup ON jobs (host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial', 'failed', 'cancelled', 'interrupted');
CREATE INDEX jobs_status ON jobs (status, id);

-- Queries of pages about all hosts. A run is ordered by its due time, however late it was reported.
CREATE INDEX jobs_outcome ON jobs (schedule_id, host_id, coalesce(due_at, created_at))
 WHERE status IN ('succeeded', 'partial', 'failed', 'interrupted', 'missed');
CREATE INDEX jobs_good ON jobs (schedule_id, host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial');
CREATE INDEX jobs_good_of_host ON jobs (host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial');
