-- A table of repositories, and one table for all secrets.

CREATE TABLE repositories (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,   -- chosen by the operator; initially the location
    location    TEXT    NOT NULL,   -- canonical URL without credentials; the same for all spellings
    host_id     TEXT REFERENCES hosts (id) ON DELETE CASCADE,   -- set for a directory on a host's own disk; else null
    created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX repositories_location ON repositories (location, coalesce(host_id, ''));

-- Canonical locations of the URLs that hosts use or jobs used; the same algorithm as in RepositoryLocation.
CREATE TEMP TABLE located AS
WITH used AS (
    SELECT host_id, repository_url FROM host_credentials
    UNION
    SELECT host_id, repository_url FROM jobs WHERE repository_url IS NOT NULL),
plain AS (
    SELECT host_id, repository_url,
           CASE WHEN repository_url GLOB 'local:*' THEN substr(repository_url, 7) ELSE repository_url END AS url
      FROM used),
trimmed AS (
    SELECT host_id, repository_url,
           CASE WHEN url GLOB '*[^:/]/' THEN substr(url, 1, length(url) - 1) ELSE url END AS url
      FROM plain),
parted AS (
    SELECT host_id, repository_url, url,
           CASE WHEN url GLOB 'rest:*'
                THEN instr(url, '://') + 2 + instr(substr(url || '/', instr(url, '://') + 3), '/')
                ELSE 0 END AS authority_end
      FROM trimmed)
SELECT host_id, repository_url, iif(url GLOB '/*', host_id, NULL) AS only_host_id,
       lower(substr(url, 1, authority_end)) || substr(url, authority_end + 1) AS location
  FROM parted;
CREATE INDEX temp.located_used ON located (host_id, repository_url);

-- Id: a ULID of the time at which the first host got the repository, as in 0007.
INSERT INTO repositories (id, name, location, host_id, created_at)
SELECT (WITH RECURSIVE letter(position, bits) AS (
            SELECT 1, 45
            UNION ALL
            SELECT position + 1, bits - 5 FROM letter WHERE bits > 0)
        SELECT group_concat(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', ((since_at >> bits) & 31) + 1, 1), '')
          FROM letter)
       || substr(hex(randomblob(8)), 1, 16),
       location, location, only_host_id, since_at
  FROM (SELECT location, only_host_id, min(updated_at) AS since_at
          FROM host_credentials
          JOIN located USING (host_id, repository_url)
         GROUP BY location, only_host_id);

-- The default is only needed to add the column; it refers to no repository.
ALTER TABLE host_credentials ADD COLUMN repository_id TEXT NOT NULL DEFAULT '' REFERENCES repositories (id);
UPDATE host_credentials
   SET repository_id = (SELECT r.id
                          FROM located l
                          JOIN repositories r ON r.location = l.location AND r.host_id IS l.only_host_id
                         WHERE l.host_id = host_credentials.host_id
                           AND l.repository_url = host_credentials.repository_url);
DROP INDEX host_credentials_url;
CREATE INDEX host_credentials_repository ON host_credentials (repository_id);

-- Null where repository_url is, and for jobs at a location that no host used any more when repositories got their ids.
-- Stays when the repository is deleted.
ALTER TABLE jobs ADD COLUMN repository_id TEXT;
UPDATE jobs
   SET repository_id = (SELECT r.id
                          FROM located l
                          JOIN repositories r ON r.location = l.location AND r.host_id IS l.only_host_id
                         WHERE l.host_id = jobs.host_id
                           AND l.repository_url = jobs.repository_url)
 WHERE repository_url IS NOT NULL;
CREATE INDEX jobs_open_repository ON jobs (repository_id) WHERE status IN ('queued', 'running');

DROP TABLE located;

-- One table for all secrets, so that one query finds everything that the key file must open.
CREATE TABLE secrets (
    owner   TEXT NOT NULL PRIMARY KEY,   -- <table>/<id> of the row it belongs to; the envelope is bound to this text
    sealed  TEXT NOT NULL                -- AES-256-GCM under the key file
) STRICT;

INSERT INTO secrets (owner, sealed)
SELECT 'host_credentials/' || host_id, repository_sealed FROM host_credentials
UNION ALL
SELECT 'enrollment_tokens/' || id, repository_sealed FROM enrollment_tokens WHERE repository_sealed <> '';

ALTER TABLE host_credentials DROP COLUMN repository_sealed;
ALTER TABLE enrollment_tokens DROP COLUMN repository_sealed;

CREATE TRIGGER host_credentials_secret AFTER DELETE ON host_credentials BEGIN
    DELETE FROM secrets WHERE owner = 'host_credentials/' || old.host_id;
END;

CREATE TRIGGER enrollment_tokens_secret AFTER DELETE ON enrollment_tokens BEGIN
    DELETE FROM secrets WHERE owner = 'enrollment_tokens/' || old.id;
END;
