-- For which job a job waits, and since when.
ALTER TABLE jobs ADD COLUMN waiting_since INTEGER;
ALTER TABLE jobs ADD COLUMN waits_for_job_id TEXT;   -- it may have ended meanwhile

-- The repository that a copy writes to, beside the one that it reads.
ALTER TABLE jobs ADD COLUMN copies_to TEXT;
UPDATE jobs
   SET copies_to = coalesce(options_json ->> 'to', (SELECT options_json ->> 'to' FROM schedules WHERE id = schedule_id))
 WHERE kind = 'copy'
   AND status IN ('queued', 'running');
CREATE INDEX jobs_open_copies ON jobs (copies_to) WHERE status IN ('queued', 'running');
