-- What to do on a host, and when; and whether its agent knows.

CREATE TABLE schedules (
    id              TEXT    NOT NULL PRIMARY KEY,
    host_id         TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    kind            TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    enabled         INTEGER NOT NULL,
    cron            TEXT,                      -- five fields, as in crontab(5)
    time_zone       TEXT,                      -- IANA name; null is the host's own
    paths_json      TEXT    NOT NULL,
    excludes_json   TEXT    NOT NULL,
    tags_json       TEXT    NOT NULL,
    retention_json  TEXT    NOT NULL,
    options_json    TEXT    NOT NULL,
    hooks_json      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_host ON schedules (host_id);

-- A host without a row is at version 0: it has never had a schedule.
CREATE TABLE host_schedule_version (
    host_id          TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    version          INTEGER NOT NULL,            -- +1 with every change to the host's schedules
    applied_version  INTEGER NOT NULL DEFAULT 0,  -- what the agent last said it obeys; other than version: drift
    applied_at       INTEGER,                     -- null until the agent first said so
    refused          TEXT                         -- why the agent refused the newest set; null if it did not
) STRICT;
