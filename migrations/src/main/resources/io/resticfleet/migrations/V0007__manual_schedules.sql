-- One answer to "what does this host back up?": its schedules. The second list, default_paths, becomes a schedule that
-- runs only when asked to.
--
-- hosts is altered, not rebuilt: with foreign keys on, dropping it would empty every table that refers to it.

ALTER TABLE schedules ADD COLUMN manual INTEGER NOT NULL DEFAULT 0;

CREATE TEMP TABLE moved AS
SELECT id AS host_id,
       -- Only what is a path: an agent refuses its whole set for one that is not.
       (SELECT json_group_array(value)
          FROM json_each(CASE WHEN json_valid(default_paths) THEN default_paths ELSE '[]' END)
         WHERE type = 'text' AND value LIKE '/%') AS paths_json,
       CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now,
       -- A ULID: 48 bits of time and 80 random ones, five bits a letter. Hexadecimal digits are letters of it.
       (WITH RECURSIVE letter(position, bits) AS (
            SELECT 1, 45
            UNION ALL
            SELECT position + 1, bits - 5 FROM letter WHERE bits > 0)
        SELECT group_concat(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                                   ((CAST(unixepoch('subsec') * 1000 AS INTEGER) >> bits) & 31) + 1, 1), '')
          FROM letter)
       || substr(hex(randomblob(8)), 1, 16) AS schedule_id
  FROM hosts
 WHERE json_valid(default_paths)
   AND json_type(default_paths) = 'array';

DELETE FROM moved WHERE paths_json = '[]';

INSERT INTO schedules (id, host_id, kind, name, enabled, manual, cron, time_zone, paths_json, excludes_json, tags_json,
                       retention_json, options_json, hooks_json, created_at, updated_at)
SELECT schedule_id, host_id, 'backup', 'manual', 1, 1, NULL, NULL, paths_json, '[]', '[]',
       '{"keep_last":0,"keep_hourly":0,"keep_daily":0,"keep_weekly":0,"keep_monthly":0,"keep_yearly":0,"keep_within":null}',
       '{"one_file_system":false,"exclude_caches":false,"limit_upload_kib":0}',
       '{"pre":null,"post":null}', now, now
  FROM moved;

INSERT INTO host_schedule_version (host_id, version)
SELECT host_id, 1 FROM moved WHERE true
    ON CONFLICT (host_id) DO UPDATE SET version = version + 1;

DROP TABLE moved;

ALTER TABLE hosts DROP COLUMN default_paths;
ALTER TABLE enrollment_tokens RENAME COLUMN default_paths TO initial_paths;
