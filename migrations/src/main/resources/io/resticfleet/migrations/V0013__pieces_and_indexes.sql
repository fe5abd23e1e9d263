-- Lists and logs in pieces, and an index for each list of the API.

-- Number of lines that were dropped at the end of a log; the row's only line is a marker with this number. Null: other rows.
ALTER TABLE job_log ADD COLUMN dropped_lines INTEGER;

-- A row has about 64 KiB, so that a log can be read in parts; a line has at most 8,192 characters.
CREATE TEMP TABLE line AS
SELECT *, (sum(octet_length(line_json)) OVER (PARTITION BY job_id, first_line ORDER BY position) - octet_length(line_json))
          / 65536 AS part
  FROM (SELECT job_id, first_line, last_line, key AS position, json_extract(value, '$.line') AS line,
               CASE WHEN length(json_extract(value, '$.text')) > 8192
                    THEN json_set(value, '$.text', substr(json_extract(value, '$.text'), 1, 8192) || '… ('
                         || (length(json_extract(value, '$.text')) - 8192) || ' more characters)')
                    -- length and substr end at a NUL
                    WHEN octet_length(value) > 65536
                    THEN json_set(value, '$.text', substr(json_extract(value, '$.text'), 1, 8192) || '… (more characters)')
                    ELSE value END AS line_json
          FROM job_log, json_each(lines_json)
         WHERE octet_length(lines_json) > 131072);

-- Rows whose lines are not in ascending order, or overlap the next row. They cannot be split by the numbers of their lines.
CREATE TEMP TABLE unordered AS
SELECT job_id, first_line
  FROM (SELECT job_id, first_line, line,
               line - lag(line, 1, first_line - 1) OVER (PARTITION BY job_id, first_line ORDER BY position) AS step
          FROM line) AS lines
 GROUP BY job_id, first_line
HAVING min(coalesce(step, 0)) < 1
    OR max(line) >= (SELECT min(other.first_line) FROM job_log AS other
                      WHERE other.job_id = lines.job_id AND other.first_line > lines.first_line);

CREATE TEMP TABLE piece AS
SELECT job_id, min(line) AS first_line, max(line) AS last_line,
       json_group_array(json(line_json) ORDER BY position) AS lines_json
  FROM line
 WHERE (job_id, first_line) NOT IN (SELECT job_id, first_line FROM unordered)
 GROUP BY job_id, first_line, part
UNION ALL
-- Their beginning, and a marker.
SELECT job_id, first_line, last_line,
       json_insert(json_group_array(json(line_json) ORDER BY position) FILTER (WHERE part = 0), '$[#]', json_object(
           'line', last_line, 'at', json_extract(min(line_json), '$.at'), 'stream', 'server',
           'text', sum(part > 0) || ' lines of the log were dropped: their numbers are not in ascending order'))
  FROM line
 WHERE (job_id, first_line) IN (SELECT job_id, first_line FROM unordered)
 GROUP BY job_id, first_line;

DELETE FROM job_log WHERE octet_length(lines_json) > 131072;
INSERT INTO job_log (job_id, first_line, last_line, lines_json)
SELECT job_id, first_line, last_line, lines_json FROM piece;
DROP TABLE piece;
DROP TABLE unordered;
DROP TABLE line;

-- Lists of jobs, newest first: an index for each combination of filters. A host's jobs are few enough to look at all.
DROP INDEX jobs_host;
CREATE INDEX jobs_host ON jobs (host_id, id, kind, status, repository_id);
CREATE INDEX jobs_kind ON jobs (kind, id);
CREATE INDEX jobs_kind_status ON jobs (kind, status, id);
CREATE INDEX jobs_repository ON jobs (repository_id, id);
CREATE INDEX jobs_repository_kind ON jobs (repository_id, kind, id);
CREATE INDEX jobs_repository_status ON jobs (repository_id, status, id);
CREATE INDEX jobs_repository_kind_status ON jobs (repository_id, kind, status, id);

-- Jobs whose snapshot is known by its first digits only, as restic 0.14 prints them.
CREATE INDEX jobs_short_snapshot ON jobs (host_id) WHERE length(snapshot_id) = 8;

CREATE INDEX audit_log_host ON audit_log (host_id, id);

-- Snapshots of each host in each of its repositories, stored as changes of the list before.
ALTER TABLE snapshot_lists RENAME TO former_lists;
ALTER TABLE snapshots RENAME TO former_snapshots;

CREATE TABLE snapshot_lists (
    host_id          TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    repository_id    TEXT    NOT NULL,
    refreshed_at     INTEGER NOT NULL,
    generation       INTEGER NOT NULL,   -- rises with each change of the list
    total            INTEGER NOT NULL,   -- number of snapshots
    checksums        TEXT    NOT NULL,   -- of their ids; empty: not computed yet
    result_sequence  INTEGER,            -- of the last report as one result; null: none
    PRIMARY KEY (host_id, repository_id)
) STRICT;
CREATE INDEX snapshot_lists_repository ON snapshot_lists (repository_id, total);

CREATE TABLE snapshots (
    host_id        TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    repository_id  TEXT    NOT NULL,
    id             TEXT    NOT NULL,     -- restic's, 64 hexadecimal digits
    taken_at       INTEGER NOT NULL,
    snapshot_json  TEXT    NOT NULL,
    added_in       INTEGER NOT NULL,     -- first generation of the list with it
    removed_in     INTEGER,              -- first generation without it; null: none
    PRIMARY KEY (host_id, repository_id, id)
) STRICT;
CREATE INDEX snapshots_newest ON snapshots (host_id, repository_id, taken_at, id);

INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)
SELECT host_id, repository_id, id, taken_at, snapshot_json, 1
  FROM former_snapshots JOIN host_credentials USING (host_id);

INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums, result_sequence)
SELECT host_id, repository_id, refreshed_at, 1,
       (SELECT count(*) FROM snapshots WHERE snapshots.host_id = former_lists.host_id), '', result_sequence
  FROM former_lists JOIN host_credentials USING (host_id);

DROP TABLE former_snapshots;
DROP TABLE former_lists;
