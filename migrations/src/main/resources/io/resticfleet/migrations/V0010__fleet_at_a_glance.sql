-- What pages ask of all machines at once: how each schedule last ended, and each machine's last backup.

-- A due time counts from when it was due, whenever it was heard of.
CREATE INDEX jobs_outcome ON jobs (schedule_id, host_id, coalesce(due_at, created_at))
 WHERE status IN ('succeeded', 'partial', 'failed', 'interrupted', 'missed');
CREATE INDEX jobs_good ON jobs (schedule_id, host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial');
CREATE INDEX jobs_good_of_host ON jobs (host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial');
