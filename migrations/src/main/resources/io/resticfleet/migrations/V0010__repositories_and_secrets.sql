-- One table for every secret, so that one query finds all that the key file must open.

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
