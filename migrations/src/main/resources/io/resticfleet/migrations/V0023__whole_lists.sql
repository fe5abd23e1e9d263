-- Lists of all snapshots of a repository, made by the host that looks after it.

ALTER TABLE snapshot_lists ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;  -- 1: the snapshots of all hosts
ALTER TABLE snapshots ADD COLUMN hostname TEXT GENERATED ALWAYS AS (snapshot_json ->> 'hostname') VIRTUAL;
CREATE INDEX snapshots_hostname ON snapshots (host_id, repository_id, hostname, taken_at, id);
