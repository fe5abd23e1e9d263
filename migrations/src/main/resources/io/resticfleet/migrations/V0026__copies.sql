-- A copy in another repository counts where its original counts, and has a retention of its own: that of the copy schedule.

ALTER TABLE retention_snapshots ADD COLUMN original_id TEXT;   -- that it is a copy of, or a changed version; null: none
ALTER TABLE retention_snapshots ADD COLUMN copied_from TEXT;   -- repository whose snapshot it counts as; null: as itself
ALTER TABLE retention_snapshots ADD COLUMN origin_id TEXT GENERATED ALWAYS AS (coalesce(original_id, snapshot_id)) VIRTUAL;
CREATE INDEX retention_snapshots_origin ON retention_snapshots (repository_id, origin_id, snapshot_id);
CREATE INDEX schedules_copies ON schedules (id) WHERE kind = 'copy';

INSERT INTO retention_terms (schedule_id, host_id, from_at, cron, time_zone, retention_json)
SELECT s.id, s.host_id, coalesce(s.timed_since_at, s.created_at), iif(s.enabled AND NOT s.manual, s.cron, NULL),
       coalesce(s.time_zone, h.time_zone, 'UTC'), s.retention_json
  FROM schedules s JOIN hosts h ON h.id = s.host_id
 WHERE s.kind = 'copy';

DROP TRIGGER retention_terms_made;
CREATE TRIGGER retention_terms_made AFTER INSERT ON schedules WHEN new.kind IN ('backup', 'forget', 'copy') BEGIN
    INSERT OR REPLACE INTO retention_terms (schedule_id, host_id, from_at, cron, time_zone, retention_json)
    SELECT new.id, new.host_id, new.created_at, iif(new.enabled AND NOT new.manual, new.cron, NULL),
           coalesce(new.time_zone, time_zone, 'UTC'), new.retention_json
      FROM hosts WHERE id = new.host_id;
END;

DROP TRIGGER retention_terms_changed;
CREATE TRIGGER retention_terms_changed AFTER UPDATE OF enabled, manual, cron, time_zone, retention_json ON schedules
WHEN new.kind IN ('backup', 'forget', 'copy')
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

-- A repository that no longer has a maintainer, as its host was deleted, keeps none of its credentials.
CREATE TRIGGER repositories_maintainer_left AFTER UPDATE OF maintainer_host_id ON repositories
WHEN old.maintainer_host_id IS NOT NULL AND new.maintainer_host_id IS NULL BEGIN
    DELETE FROM secrets WHERE owner = 'repository_maintainers/' || new.id;
    UPDATE repositories SET maintainer_url = NULL WHERE id = new.id;
END;
DELETE FROM secrets
 WHERE owner IN (SELECT 'repository_maintainers/' || id FROM repositories WHERE maintainer_host_id IS NULL);
UPDATE repositories SET maintainer_url = NULL WHERE maintainer_host_id IS NULL;

-- 1: changes nothing, the repository is opened as its host opens it now.
ALTER TABLE repository_changes ADD COLUMN test INTEGER NOT NULL DEFAULT 0;

-- A repository that the host opens with credentials of its own from then on, and its place in the host's order.
ALTER TABLE repository_changes ADD COLUMN used_id TEXT REFERENCES repositories (id) ON DELETE CASCADE;
ALTER TABLE repository_changes ADD COLUMN used_position INTEGER;
CREATE INDEX repository_changes_used ON repository_changes (used_id);
