-- Runs, and what they said.

CREATE TABLE jobs (
    id             TEXT    NOT NULL PRIMARY KEY,  -- minted here, or by the agent when its cron fired
    host_id        TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    schedule_id    TEXT,                          -- null for one-shots; stays when the schedule is deleted
    kind           TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    trigger_word   TEXT    NOT NULL,
    due_at         INTEGER,                       -- null unless cron triggered it
    created_at     INTEGER NOT NULL,
    started_at     INTEGER,
    finished_at    INTEGER,
    exit_code      INTEGER,                       -- restic's; null if it was not run or its end is not known
    error          TEXT,
    snapshot_id    TEXT,
    stats_json     TEXT,
    requested_by   TEXT,                          -- user name; null unless a person asked
    repository_url TEXT,                          -- where, when it was accepted: for keeping others out
    sent_at        INTEGER,                       -- null while it waits for its repository
    waiting_for    TEXT                           -- why it waits, in words
) STRICT;
CREATE INDEX jobs_host ON jobs (host_id, id);
CREATE INDEX jobs_last ON jobs (host_id, kind, status, finished_at);
CREATE INDEX jobs_due  ON jobs (schedule_id, due_at);
CREATE INDEX jobs_open ON jobs (status) WHERE status IN ('queued', 'running');

-- One row a piece, not a line: pieces are what the agent sends, some seconds of output each.
CREATE TABLE job_log (
    job_id      TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    first_line  INTEGER NOT NULL,                 -- from 1, no gap
    last_line   INTEGER NOT NULL,
    lines_json  TEXT    NOT NULL,
    PRIMARY KEY (job_id, first_line)
) STRICT;
