-- Jobs that somebody or the server itself started, whose last failure is an alert.
CREATE INDEX jobs_upkeep ON jobs (host_id, kind, finished_at)
 WHERE schedule_id IS NULL
   AND kind IN ('forget', 'prune', 'check', 'copy')
   AND status IN ('succeeded', 'partial', 'failed', 'interrupted');
