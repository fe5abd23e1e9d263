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
