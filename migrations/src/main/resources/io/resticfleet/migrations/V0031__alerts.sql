-- What is wrong, since when, and who knows.

CREATE TABLE alerts (
    id                    TEXT    NOT NULL PRIMARY KEY,  -- ULID; a pending condition gets a new one when it opens
    key                   TEXT    NOT NULL,
    kind                  TEXT    NOT NULL,
    severity              TEXT    NOT NULL,
    host_id               TEXT,                          -- no foreign key: alerts outlive what they are about
    subject_json          TEXT    NOT NULL,
    since_at              INTEGER NOT NULL,
    opened_at             INTEGER,                       -- null: pending, true for less than its grace
    resolved_at           INTEGER,
    text                  TEXT    NOT NULL,
    advice                TEXT    NOT NULL,
    path                  TEXT    NOT NULL,
    announced_severity    TEXT,                          -- as last sent; null: never, as while silenced
    announced_at          INTEGER,
    acknowledged_at       INTEGER,
    acknowledged_by       TEXT,                          -- user name, for people
    acknowledged_severity TEXT,                          -- ends when the alert becomes more severe
    acknowledged_until    INTEGER,
    acknowledged_note     TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_key ON alerts (key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX alerts_host ON alerts (host_id, id);
