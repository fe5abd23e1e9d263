-- A server that can be set up anew from a copy, and agents that it can make newer.

-- With what the server ran last, so that a copy of the database tells it to whoever sets up the next one. No secrets.
CREATE TABLE server_settings (
    name   TEXT NOT NULL PRIMARY KEY,   -- of the environment variable, not an id
    value  TEXT NOT NULL                -- as it was given
) STRICT;

-- What each agent says of being upgraded from here, and what came of the last time somebody wanted it. No row: it has not
-- spoken of it, as agents from before that do not.
CREATE TABLE agent_upgrades (
    host_id     TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    refusal     TEXT,                   -- why it cannot be upgraded from here; null if it can
    version     TEXT,                   -- that was wanted last; null, with all that follows, if none was
    state       TEXT,                   -- ordered, working, succeeded, failed
    detail      TEXT,                   -- in words
    ordered_by  TEXT,                   -- user name
    changed_at  INTEGER
) STRICT;
