-- Where people are told, what is to be sent to them, and what became of it.

CREATE TABLE channels (
    id                TEXT    NOT NULL PRIMARY KEY,
    name              TEXT    NOT NULL COLLATE NOCASE,
    kind              TEXT    NOT NULL,
    config_json       TEXT    NOT NULL,   -- what is no secret; the rest is the secret channels/<id>
    secrets_json      TEXT    NOT NULL,   -- names of the fields in it
    address           TEXT    NOT NULL,   -- scheme, host and port; secrets that are kept go there only
    min_severity      TEXT    NOT NULL,
    hosts_json        TEXT    NOT NULL,   -- ids; []: no filter
    tags_json         TEXT    NOT NULL,   -- []: no filter
    digest            TEXT,               -- daily, weekly; null: none
    created_at        INTEGER NOT NULL,
    next_at           INTEGER NOT NULL,   -- no message earlier: one a minute, and later after failures
    failures          INTEGER NOT NULL,   -- since the last success
    failing_since_at  INTEGER,            -- null: the last message was delivered, or there was none
    last_delivered_at INTEGER,
    last_error        TEXT                -- null: none since the last success
) STRICT;
CREATE UNIQUE INDEX channels_name ON channels (name);
CREATE INDEX channels_kind ON channels (kind);

CREATE TRIGGER channels_secret AFTER DELETE ON channels BEGIN
    DELETE FROM secrets WHERE owner = 'channels/' || old.id;
END;

-- Alerts of which a channel was told, so that it is told of their end.
CREATE TABLE channel_alerts (
    channel_id TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    alert_id   TEXT NOT NULL,
    PRIMARY KEY (channel_id, alert_id)
) STRICT;

-- What is to be said to a channel, and is not part of a delivery yet.
CREATE TABLE channel_events (
    id         TEXT    NOT NULL PRIMARY KEY,  -- ULID
    channel_id TEXT    NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    state      TEXT    NOT NULL,
    alert_json TEXT    NOT NULL
) STRICT;
CREATE INDEX channel_events_channel ON channel_events (channel_id, id);

-- Messages. Written before they are sent, so that a repetition has the same id and content.
CREATE TABLE deliveries (
    id           TEXT    NOT NULL PRIMARY KEY,  -- ULID; receivers see it
    channel_id   TEXT    NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL,   -- alerts, digest, test, run
    title        TEXT    NOT NULL,   -- for people
    content_json TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,   -- given up then
    attempts     INTEGER NOT NULL,
    state        TEXT    NOT NULL,   -- waiting, delivered, given_up
    ended_at     INTEGER             -- null: waiting
) STRICT;
CREATE INDEX deliveries_channel ON deliveries (channel_id, id);
CREATE INDEX deliveries_waiting ON deliveries (channel_id, id) WHERE state = 'waiting';
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE delivery_attempts (
    delivery_id TEXT    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,   -- from 1; with many, the first ones are deleted
    at          INTEGER NOT NULL,
    ok          INTEGER,            -- null: being made, or cut short by the server's end
    detail      TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT;

-- Messages that were never made, as too many waited: counted until the next one says so.
CREATE TABLE channel_losses (
    channel_id TEXT    NOT NULL PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
    events     INTEGER NOT NULL
) STRICT;

-- Runs that begin or end, until they are passed on as pings; only while there is a channel for them.
CREATE TABLE run_events (
    id          INTEGER NOT NULL PRIMARY KEY,   -- in their order
    job_id      TEXT    NOT NULL,
    host_id     TEXT    NOT NULL,
    schedule_id TEXT    NOT NULL,
    status      TEXT    NOT NULL
) STRICT;

CREATE TRIGGER jobs_run_inserted AFTER INSERT ON jobs
  WHEN new.schedule_id IS NOT NULL
       AND new.status IN ('running', 'succeeded', 'partial', 'failed', 'interrupted', 'missed')
       AND EXISTS (SELECT 1 FROM channels WHERE kind = 'healthchecks')
BEGIN
    INSERT INTO run_events (job_id, host_id, schedule_id, status)
    VALUES (new.id, new.host_id, new.schedule_id, new.status);
END;

CREATE TRIGGER jobs_run_updated AFTER UPDATE OF status ON jobs
  WHEN new.status <> old.status
       AND new.schedule_id IS NOT NULL
       AND new.status IN ('running', 'succeeded', 'partial', 'failed', 'interrupted', 'missed')
       AND EXISTS (SELECT 1 FROM channels WHERE kind = 'healthchecks')
BEGIN
    INSERT INTO run_events (job_id, host_id, schedule_id, status)
    VALUES (new.id, new.host_id, new.schedule_id, new.status);
END;
