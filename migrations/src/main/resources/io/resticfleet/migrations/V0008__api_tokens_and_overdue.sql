-- Tokens for programs, and how far each schedule's due times have been looked at.

CREATE TABLE api_tokens (
    id            TEXT    NOT NULL PRIMARY KEY,
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    token_sha256  TEXT    NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER                       -- null until used; at most a minute old
) STRICT;

-- A due time before this has a job, or a missed row.
CREATE TABLE schedule_watch (
    schedule_id    TEXT    NOT NULL PRIMARY KEY REFERENCES schedules (id) ON DELETE CASCADE,
    checked_until  INTEGER NOT NULL
) STRICT;

-- When what a schedule's due times depend on was last changed: they are looked for from here on. Null: when it was made.
ALTER TABLE schedules ADD COLUMN timed_since_at INTEGER;

-- Null unless a person asked for the job to stop; said to the agent until it has.
ALTER TABLE jobs ADD COLUMN cancel_requested_at INTEGER;

DROP INDEX jobs_open;
CREATE INDEX jobs_open_host ON jobs (host_id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_open_repository ON jobs (repository_url) WHERE status IN ('queued', 'running');
DROP INDEX jobs_last;
CREATE INDEX jobs_last_backup ON jobs (host_id, finished_at)
 WHERE kind = 'backup' AND status IN ('succeeded', 'partial', 'failed', 'cancelled', 'interrupted');
CREATE INDEX jobs_status ON jobs (status, id);
