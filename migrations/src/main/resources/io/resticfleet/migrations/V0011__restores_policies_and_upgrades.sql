-- What a server needs after it was restored from a copy, and what agents report of their hosts.

-- One row. Agents remember the epoch; a different one shows that this is not the database they knew.
CREATE TABLE database_epoch (
    id     INTEGER NOT NULL PRIMARY KEY,
    epoch  TEXT    NOT NULL             -- random
) STRICT;
INSERT INTO database_epoch (id, epoch) VALUES (1, lower(hex(randomblob(16))));

-- Hosts to which nothing is pushed, since their agents know more than this database.
CREATE TABLE restored_hosts (
    host_id       TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    since_at      INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    held_version  INTEGER,              -- of the schedules on the host; null until its agent has reported it
    decision      TEXT,                 -- carried out as soon as the host is connected; null until somebody decided
    decided_by    TEXT                  -- user name; null until then
) STRICT;

-- Settings of the last start, so that a copy of the database shows how to set up the next server. No secrets.
CREATE TABLE server_settings (
    name   TEXT NOT NULL PRIMARY KEY,   -- of the environment variable, not an id
    value  TEXT NOT NULL                -- as it was given
) STRICT;

-- What the owner of a host allows, as its agent last reported; null until it did. For display: the agent enforces it.
ALTER TABLE hosts ADD COLUMN policy_json TEXT;

-- Whether each agent can be upgraded from here, and the last attempt. No row: not reported, as by older agents.
CREATE TABLE agent_upgrades (
    host_id     TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    refusal     TEXT,                   -- why it cannot be upgraded from here; null if it can
    version     TEXT,                   -- last ordered; null, with all that follows, if none was
    state       TEXT,                   -- ordered, working, succeeded, failed
    detail      TEXT,                   -- in words
    ordered_by  TEXT,                   -- user name
    changed_at  INTEGER
) STRICT;
