-- Repositories of their own: several for each host, with credentials that its hosts share.

ALTER TABLE repositories ADD COLUMN url TEXT NOT NULL DEFAULT '';  -- without credentials, in the spelling that was typed first
ALTER TABLE repositories ADD COLUMN maintainer_host_id TEXT REFERENCES hosts (id) ON DELETE SET NULL;  -- null: its first host
ALTER TABLE repositories ADD COLUMN maintainer_url TEXT;        -- where the maintainer reaches it; null: url
ALTER TABLE repositories ADD COLUMN status TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE repositories ADD COLUMN status_detail TEXT;         -- reason, for people; null if there is none
ALTER TABLE repositories ADD COLUMN checked_at INTEGER;         -- when status was last found; null: never
ALTER TABLE repositories ADD COLUMN append_only TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE repositories ADD COLUMN size_bytes INTEGER;         -- what it takes at its location; null: not known
ALTER TABLE repositories ADD COLUMN last_check_at INTEGER;      -- null: never checked
ALTER TABLE repositories ADD COLUMN last_check_ok INTEGER;
ALTER TABLE repositories ADD COLUMN last_check_share REAL;      -- of the data that was read, 0 to 1
ALTER TABLE repositories ADD COLUMN last_prune_at INTEGER;      -- null: never

-- Credentials of a repository: secrets 'repositories/<id>', and 'repository_maintainers/<id>' of its maintainer.
CREATE TRIGGER repositories_secret AFTER DELETE ON repositories BEGIN
    DELETE FROM secrets WHERE owner IN ('repositories/' || old.id, 'repository_maintainers/' || old.id);
END;

-- The repositories of a host. One that opens a repository with credentials of its own has them as secret
-- 'host_repositories/<host>/<repository>'.
CREATE TABLE host_repositories (
    host_id        TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    repository_id  TEXT    NOT NULL REFERENCES repositories (id),
    position       INTEGER NOT NULL,    -- from 1; the first is used where none is named
    url            TEXT    NOT NULL,    -- without credentials, in this host's spelling
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (host_id, repository_id)
) STRICT;
CREATE INDEX host_repositories_repository ON host_repositories (repository_id, host_id);
CREATE INDEX host_repositories_position ON host_repositories (host_id, position);
CREATE INDEX host_repositories_first ON host_repositories (host_id) WHERE position = 1;

INSERT INTO host_repositories (host_id, repository_id, position, url, updated_at)
SELECT host_id, repository_id, 1, repository_url, updated_at FROM host_credentials;

UPDATE repositories
   SET url = coalesce((SELECT url FROM host_repositories WHERE repository_id = repositories.id ORDER BY host_id LIMIT 1),
                      location);

-- The secrets 'host_credentials/<host>' are moved when the server starts, as only their owner can open an envelope.
DROP TRIGGER host_credentials_secret;
DROP TABLE host_credentials;
CREATE TRIGGER host_repositories_secret AFTER DELETE ON host_repositories BEGIN
    DELETE FROM secrets
     WHERE owner IN ('host_repositories/' || old.host_id || '/' || old.repository_id,
                     'host_credentials/' || old.host_id);
END;

ALTER TABLE schedules ADD COLUMN repository_id TEXT REFERENCES repositories (id);  -- null: the host's first
ALTER TABLE enrollment_tokens ADD COLUMN repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE;  -- null: a new one
ALTER TABLE repository_changes ADD COLUMN repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE;  -- null: of the host only
CREATE INDEX repository_changes_repository ON repository_changes (repository_id);
