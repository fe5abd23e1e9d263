-- Machines that take the place of a host's former one.

-- The host whose machine is replaced by the one that uses the token; null: the token adds a host.
ALTER TABLE enrollment_tokens ADD COLUMN replaces_host_id TEXT REFERENCES hosts (id) ON DELETE CASCADE;
CREATE INDEX enrollment_tokens_replaces ON enrollment_tokens (replaces_host_id) WHERE replaces_host_id IS NOT NULL;

-- Keys of the former machines. They stay refused when the host is deleted.
CREATE TABLE replaced_agents (
    host_id      TEXT    NOT NULL,
    public_key   TEXT    NOT NULL,
    replaced_at  INTEGER NOT NULL,
    replaced_by  TEXT    NOT NULL,      -- user name, for people
    refused_at   INTEGER,               -- when the former agent last tried to connect; null: it did not
    PRIMARY KEY (host_id, public_key)
) STRICT;
