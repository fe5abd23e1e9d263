-- Changes of repositories' passwords: a new key is added, proven on every host, and the old key removed.
CREATE TABLE repository_rotations (
    repository_id TEXT    NOT NULL PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
    phase         TEXT    NOT NULL,             -- adding, proving, removing, failed or done
    requested_by  TEXT    NOT NULL,
    requested_at  INTEGER NOT NULL,
    key_id        TEXT,                         -- the new key; null: not added yet
    old_key_ids   TEXT    NOT NULL DEFAULT '',  -- keys to remove, separated by spaces
    job_id        TEXT,                         -- that adds or removes a key; null: none
    detail        TEXT,                         -- why it does not go on, for people; null: it does
    tried_at      INTEGER,                      -- when the last job failed; null: it did not, or the next one is due
    released      INTEGER NOT NULL DEFAULT 0    -- 1: the old key is removed although something else has its password
) STRICT;

-- The passwords, until the old key is removed, are the secret 'repository_rotations/<id>'.
CREATE TRIGGER repository_rotations_secret AFTER DELETE ON repository_rotations BEGIN
    DELETE FROM secrets WHERE owner = 'repository_rotations/' || old.repository_id;
END;

-- How far the hosts of the repository are. Without a row: nothing was tried yet.
CREATE TABLE repository_rotation_hosts (
    repository_id TEXT    NOT NULL REFERENCES repository_rotations (repository_id) ON DELETE CASCADE,
    host_id       TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    step          TEXT    NOT NULL,             -- the last one that was tried: prove or confirm
    job_id        TEXT,                         -- of that; null: it has ended
    confirmed_at  INTEGER,                      -- when it opened with the new password that it has stored; null: not yet
    detail        TEXT,                         -- why the last step failed; null: it did not
    tried_at      INTEGER,                      -- when; null: it did not, or it is tried again at once
    PRIMARY KEY (repository_id, host_id)
) STRICT;
CREATE INDEX repository_rotation_hosts_host ON repository_rotation_hosts (host_id);

CREATE TRIGGER repository_rotation_hosts_left AFTER DELETE ON host_repositories BEGIN
    DELETE FROM repository_rotation_hosts WHERE repository_id = old.repository_id AND host_id = old.host_id;
END;
