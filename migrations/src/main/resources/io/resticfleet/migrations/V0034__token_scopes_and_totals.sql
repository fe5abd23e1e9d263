-- What API tokens may be used for and until when, and figures: how often runs failed or were missed, and more.

-- Tokens of before may do all they could.
ALTER TABLE api_tokens ADD COLUMN scopes_json TEXT NOT NULL DEFAULT '["read","run","write","restore","metrics"]';
ALTER TABLE api_tokens ADD COLUMN expires_at INTEGER;  -- null: never

-- Never falls: a run that is reported after it was counted as missed stays counted.
CREATE TABLE schedule_totals (
    schedule_id TEXT    NOT NULL PRIMARY KEY REFERENCES schedules (id) ON DELETE CASCADE,
    failed      INTEGER NOT NULL DEFAULT 0,   -- or interrupted
    missed      INTEGER NOT NULL DEFAULT 0    -- rows of jobs, which may be of several due times
) STRICT;

INSERT INTO schedule_totals (schedule_id, failed, missed)
SELECT s.id, count(*) FILTER (WHERE j.status <> 'missed'), count(*) FILTER (WHERE j.status = 'missed')
  FROM schedules s
  JOIN jobs j ON j.schedule_id = s.id AND j.host_id = s.host_id
 WHERE j.status IN ('failed', 'interrupted', 'missed')
 GROUP BY s.id;

-- A job counts only if it and its schedule are of the same host, so that no agent can report for another's schedule.
CREATE TRIGGER jobs_total_added AFTER INSERT ON jobs
 WHEN new.schedule_id IS NOT NULL AND new.status IN ('failed', 'interrupted', 'missed') BEGIN
    INSERT INTO schedule_totals (schedule_id, failed, missed)
    SELECT id, new.status <> 'missed', new.status = 'missed' FROM schedules
     WHERE id = new.schedule_id AND host_id = new.host_id
        ON CONFLICT (schedule_id) DO UPDATE SET failed = failed + excluded.failed, missed = missed + excluded.missed;
END;
CREATE TRIGGER jobs_total_changed AFTER UPDATE OF status ON jobs
 WHEN new.schedule_id IS NOT NULL AND new.status IN ('failed', 'interrupted', 'missed') AND old.status <> new.status BEGIN
    INSERT INTO schedule_totals (schedule_id, failed, missed)
    SELECT id, new.status <> 'missed', new.status = 'missed' FROM schedules
     WHERE id = new.schedule_id AND host_id = new.host_id
        ON CONFLICT (schedule_id) DO UPDATE SET failed = failed + excluded.failed, missed = missed + excluded.missed;
END;

CREATE INDEX jobs_succeeded ON jobs (schedule_id, host_id, finished_at) WHERE status = 'succeeded';

-- Since when every job found this status. Null: not known.
ALTER TABLE repositories ADD COLUMN status_since_at INTEGER;
