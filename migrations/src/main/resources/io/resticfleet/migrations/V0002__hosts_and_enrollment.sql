-- Machines, how they open their repository, and how they join.

CREATE TABLE hosts (
    id              TEXT    NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL,          -- what the operator calls it
    hostname        TEXT    NOT NULL UNIQUE,   -- what restic is given as --host; never changes
    public_key      TEXT    NOT NULL,          -- Ed25519, X.509, Base64; the private one never left the machine
    os              TEXT    NOT NULL,
    arch            TEXT    NOT NULL,
    time_zone       TEXT,                      -- IANA name; null until the agent says so
    agent_version   TEXT    NOT NULL,
    restic_version  TEXT,                      -- null where restic is missing
    boot_id         TEXT,                      -- null until the first hello
    clock_skew_ms   INTEGER,                   -- the agent's clock minus ours at the last hello; null until then
    default_paths   TEXT,                      -- JSON list: what to back up when nothing else says so
    created_at      INTEGER NOT NULL,
    last_seen_at    INTEGER                    -- null until the first hello
) STRICT;

CREATE TABLE host_credentials (
    host_id            TEXT    NOT NULL PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    repository_url     TEXT    NOT NULL,       -- without credentials; equal URLs are one repository
    repository_sealed  TEXT    NOT NULL,       -- the same with all that opens it
    updated_at         INTEGER NOT NULL
) STRICT;
CREATE INDEX host_credentials_url ON host_credentials (repository_url);

CREATE TABLE enrollment_tokens (
    id                 TEXT    NOT NULL PRIMARY KEY,
    token_sha256       TEXT    NOT NULL UNIQUE,
    hostname           TEXT,                   -- null takes what the machine says
    default_paths      TEXT,                   -- JSON list, copied to the host
    repository_sealed  TEXT    NOT NULL,
    created_by         TEXT    NOT NULL,       -- user name, for people
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    used_at            INTEGER,                -- null until used; used once
    host_id            TEXT REFERENCES hosts (id) ON DELETE SET NULL
) STRICT;
