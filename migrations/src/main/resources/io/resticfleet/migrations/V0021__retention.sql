-- What the server itself saw of schedules, hosts and snapshots. Retention is decided from it, as the time that a snapshot
-- says of itself can be forged. What decides about snapshots outlives the schedules and hosts that it is about.

-- The versions of each schedule with retention that differ in due times or policy, each in force until the next one.
CREATE TABLE retention_terms (
    schedule_id     TEXT    NOT NULL,
    host_id         TEXT    NOT NULL,
    from_at         INTEGER NOT NULL,
    cron            TEXT,                  -- null: no due times, as it is manual or disabled
    time_zone       TEXT    NOT NULL,      -- of a schedule without one: its host's when the schedule was made
    retention_json  TEXT    NOT NULL,
    PRIMARY KEY (schedule_id, from_at)
) STRICT;
CREATE INDEX retention_terms_host ON retention_terms (host_id);

INSERT INTO retention_terms (schedule_id, host_id, from_at, cron, time_zone, retention_json)
SELECT s.id, s.host_id, coalesce(s.timed_since_at, s.created_at), iif(s.enabled AND NOT s.manual, s.cron, NULL),
       coalesce(s.time_zone, h.time_zone, 'UTC'), s.retention_json
  FROM schedules s JOIN hosts h ON h.id = s.host_id
 WHERE s.kind IN ('backup', 'forget');

CREATE TRIGGER retention_terms_made AFTER INSERT ON schedules WHEN new.kind IN ('backup', 'forget') BEGIN
    INSERT OR REPLACE INTO retention_terms (schedule_id, host_id, from_at, cron, time_zone, retention_json)
    SELECT new.id, new.host_id, new.created_at, iif(new.enabled AND NOT new.manual, new.cron, NULL),
           coalesce(new.time_zone, time_zone, 'UTC'), new.retention_json
      FROM hosts WHERE id = new.host_id;
END;

CREATE TRIGGER retention_terms_changed AFTER UPDATE OF enabled, manual, cron, time_zone, retention_json ON schedules
WHEN new.kind IN ('backup', 'forget')
 AND (old.enabled, old.manual, old.cron, old.time_zone, old.retention_json)
     IS NOT (new.enabled, new.manual, new.cron, new.time_zone, new.retention_json) BEGIN
    INSERT OR REPLACE INTO retention_terms (schedule_id, host_id, from_at, cron, time_zone, retention_json)
    SELECT new.id, new.host_id, new.updated_at, iif(new.enabled AND NOT new.manual, new.cron, NULL),
           coalesce(new.time_zone,
                    iif(old.time_zone IS NULL,
                        (SELECT time_zone FROM retention_terms WHERE schedule_id = new.id ORDER BY from_at DESC LIMIT 1),
                        NULL),
                    time_zone, 'UTC'),
           new.retention_json
      FROM hosts WHERE id = new.host_id;
END;

-- Times in which a host was out of the server's sight.
CREATE TABLE retention_gaps (
    host_id     TEXT    NOT NULL,
    from_at     INTEGER NOT NULL,
    until_at    INTEGER,                   -- null: it is still away
    drained_at  INTEGER,                   -- when it had reported everything; null: not yet
    PRIMARY KEY (host_id, from_at)
) STRICT;
CREATE INDEX retention_gaps_open ON retention_gaps (host_id) WHERE until_at IS NULL;

-- The last list of a repository's snapshots by each host.
CREATE TABLE retention_listings (
    repository_id  TEXT    NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    host_id        TEXT    NOT NULL,
    taken_at       INTEGER NOT NULL,       -- by the host's clock, but not later than received_at
    received_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host_id)
) STRICT;

CREATE TRIGGER retention_host_deleted AFTER DELETE ON hosts BEGIN
    DELETE FROM retention_gaps WHERE host_id = old.id;
    DELETE FROM retention_listings WHERE host_id = old.id;
END;

-- Every snapshot that was seen, and its slot: the due time or the click that it was made for. Stays for a while after the
-- snapshot is gone, as its slot stays used.
CREATE TABLE retention_snapshots (
    repository_id    TEXT    NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    snapshot_id      TEXT    NOT NULL,
    first_seen_at    INTEGER NOT NULL,
    last_without_at  INTEGER,              -- last list before that; null: there was none
    time_at          INTEGER NOT NULL,     -- its own
    tags_json        TEXT    NOT NULL,     -- those that name schedules
    named_id         TEXT,                 -- the only schedule that they name
    schedule_id      TEXT,                 -- that it counts for; null: for none, see reason
    trust            TEXT,
    slot_at          INTEGER,
    slot_job_id      TEXT,                 -- the job that was clicked; null: a due time, or adopted
    status           TEXT,                 -- of the job: succeeded or partial
    reason           TEXT,                 -- why the last job that claimed it is not its slot's; null: none claimed it
    judged_job_id    TEXT,                 -- that job
    removing_at      INTEGER,              -- when retention decided to remove it; null: it did not
    gone_at          INTEGER,              -- when a list was without it again; null: it is there
    PRIMARY KEY (repository_id, snapshot_id)
) STRICT;
CREATE INDEX retention_snapshots_schedule ON retention_snapshots (schedule_id, slot_at);
CREATE INDEX retention_snapshots_named ON retention_snapshots (named_id) WHERE schedule_id IS NULL;
CREATE INDEX retention_snapshots_unbound ON retention_snapshots (repository_id) WHERE schedule_id IS NULL;

-- What operators decided, and when retention last removed something.
CREATE TABLE retention_schedules (
    schedule_id  TEXT    NOT NULL PRIMARY KEY,
    released_at  INTEGER,                  -- when an operator last let it go on; null: never
    removed_at   INTEGER                   -- null: never
) STRICT;

CREATE TABLE retention_distrust (
    host_id   TEXT    NOT NULL PRIMARY KEY,
    since_at  INTEGER NOT NULL             -- what it made since then does not count
) STRICT;

-- Causes to hold retention until an operator has looked.
CREATE TABLE retention_alarms (
    repository_id  TEXT    NOT NULL,       -- empty: all repositories
    cause          TEXT    NOT NULL,
    since_at       INTEGER NOT NULL,
    PRIMARY KEY (repository_id, cause)     -- the newest of each
) STRICT;

ALTER TABLE jobs ADD COLUMN reported_at INTEGER;   -- when its result was received; null: not yet, or by an earlier version
CREATE INDEX jobs_snapshot ON jobs (snapshot_id) WHERE snapshot_id IS NOT NULL;

-- What is there now counts at its own time, and was first seen when its job ended.
INSERT INTO retention_listings (repository_id, host_id, taken_at, received_at)
SELECT repository_id, host_id, refreshed_at, refreshed_at
  FROM snapshot_lists WHERE repository_id IN (SELECT id FROM repositories);

INSERT OR IGNORE INTO retention_snapshots (repository_id, snapshot_id, first_seen_at, time_at, tags_json, named_id, status)
SELECT s.repository_id, s.id,
       coalesce((SELECT min(finished_at) FROM jobs j WHERE j.snapshot_id = s.id), l.refreshed_at), s.taken_at,
       (SELECT json_group_array(value) FROM json_each(s.snapshot_json, '$.tags') WHERE value GLOB 'schedule:*'),
       (SELECT iif(count(*) = 1, substr(min(value), 10), NULL)
          FROM json_each(s.snapshot_json, '$.tags') WHERE value GLOB 'schedule:*'),
       coalesce((SELECT min(status) FROM jobs j WHERE j.snapshot_id = s.id AND status = 'partial'), 'succeeded')
  FROM snapshots s
  JOIN snapshot_lists l USING (host_id, repository_id)
 WHERE s.added_in <= l.generation AND coalesce(s.removed_in, l.generation + 1) > l.generation
   AND s.repository_id IN (SELECT id FROM repositories);

UPDATE retention_snapshots
   SET schedule_id = named_id, trust = 'adopted', slot_at = time_at
 WHERE named_id IN (SELECT schedule_id FROM retention_terms)
   AND time_at <= first_seen_at + 300000;
