-- Who cancelled a job, changes of a host's repository that apply once its agent has opened the new one, and deleted hosts.

-- User name; null if nobody did, and for requests from before this column.
ALTER TABLE jobs ADD COLUMN cancel_requested_by TEXT;

-- At most one for each host. URL and credentials are in secrets, under 'repository_changes/<host_id>'.
CREATE TABLE repository_changes (
    host_id       TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    job_id        TEXT    NOT NULL,     -- the probe; an id of jobs
    url           TEXT    NOT NULL,     -- without credentials
    requested_by  TEXT    NOT NULL,     -- user name
    requested_at  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER repository_changes_secret AFTER DELETE ON repository_changes BEGIN
    DELETE FROM secrets WHERE owner = 'repository_changes/' || old.host_id;
END;

-- Hosts that were deleted: their agents stop when they connect. A host that is neither here nor in hosts may be missing as the
-- database was restored from an older copy; its agent goes on.
CREATE TABLE deleted_hosts (
    host_id     TEXT    NOT NULL PRIMARY KEY,
    public_key  TEXT    NOT NULL,   -- as in hosts, so that only the agent itself learns it
    deleted_at  INTEGER NOT NULL
) STRICT;
