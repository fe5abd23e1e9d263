-- State for a server restored from a copy, and what agents report of their hosts.

-- One row. Agents store the epoch; a different one shows that the database was replaced.
CREATE TABLE database_epoch (
    id     INTEGER NOT NULL PRIMARY KEY,
    epoch  TEXT    NOT NULL             -- random
) STRICT;
INSERT INTO database_epoch (id, epoch) VALUES (1, lower(hex(randomblob(16))));

-- Hosts to which nothing is pushed, as their agents know more than this database.
CREATE TABLE restored_hosts (
    host_id       TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    since_at      INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    held_version  INTEGER,              -- of the schedules on the host; null until its agent has reported it
    decision      TEXT,                 -- carried out when the host is connected; null until decided
    decided_by    TEXT                  -- user name; null until decided
) STRICT;

-- Settings of the last start, so that a copy of the database shows how to configure a new server. No secrets.
CREATE TABLE server_settings (
    name   TEXT NOT NULL PRIMARY KEY,   -- name of the environment variable, not an id
    value  TEXT NOT NULL                -- as set
) STRICT;

-- Policy of the host, as its agent last reported it; null until then. For display only: the agent enforces it.
ALTER TABLE hosts ADD COLUMN policy_json TEXT;

-- Whether the server can upgrade each agent, and the last attempt. No row: not reported, as by older agents.
CREATE TABLE agent_upgrades (
    host_id     TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    refusal     TEXT,                   -- why the server cannot upgrade it; null if it can
    version     TEXT,                   -- last requested; null, with all following columns, if none was
    state       TEXT,                   -- ordered, working, succeeded, failed
    detail      TEXT,                   -- as text
    ordered_by  TEXT,                   -- user name
    changed_at  INTEGER
) STRICT;
