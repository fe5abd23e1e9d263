-- What is expected of a host, and times in which nothing is.

-- Such as a laptop: that it is away, or misses due times, is no problem.
ALTER TABLE hosts ADD COLUMN comes_and_goes INTEGER NOT NULL DEFAULT 0;
-- Days without a good backup of any schedule that are too many, 1 to 365; null: only its schedules define that.
ALTER TABLE hosts ADD COLUMN stale_after_days INTEGER;

-- Of these hosts nothing is announced, but everything runs.
CREATE TABLE host_silences (
    host_id      TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    silenced_at  INTEGER NOT NULL,
    silenced_by  TEXT    NOT NULL,      -- user name, for people
    until_at     INTEGER,               -- null: until somebody ends it
    reason       TEXT
) STRICT;

-- In these times no due time of a host has a run. Ended ones stay a while, as due times are looked at after their grace.
CREATE TABLE host_pauses (
    host_id      TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    paused_at    INTEGER NOT NULL,
    paused_by    TEXT    NOT NULL,      -- user name, for people
    until_at     INTEGER,               -- null: until somebody ends it
    reason       TEXT,
    resumed_at   INTEGER,               -- when somebody ended it; null: nobody has
    PRIMARY KEY (host_id, paused_at)
) STRICT;

-- What was missed as somebody had paused the host is no outcome of a schedule.
DROP INDEX jobs_outcome;
CREATE INDEX jobs_outcome ON jobs (schedule_id, host_id, coalesce(due_at, created_at))
 WHERE status IN ('succeeded', 'partial', 'failed', 'interrupted', 'missed') AND error_code IS NOT 'paused';
