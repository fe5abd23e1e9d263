-- What services outside see of this server, and what it sends them by itself.

-- Addresses that work without signing in. The key in them is, or is derived from, the secret shared_links/<name>.
CREATE TABLE shared_links (
    name       TEXT    NOT NULL PRIMARY KEY,  -- badges, feed
    id         TEXT    NOT NULL,              -- ULID; stays when the key is renewed
    created_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER shared_links_secret AFTER DELETE ON shared_links BEGIN
    DELETE FROM secrets WHERE owner = 'shared_links/' || old.name;
END;

-- The address that is pinged while all is well: the secret watchdog/1. At most one row.
CREATE TABLE watchdog (
    id             INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    address        TEXT    NOT NULL,   -- scheme, host and port, for people
    every_seconds  INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    checked_at     INTEGER NOT NULL,   -- written before each ping, which proves that writing works
    last_ping_at   INTEGER,            -- that was answered; null: none yet
    last_result_at INTEGER,            -- of the last attempt; null: none yet
    last_ok        INTEGER,
    last_detail    TEXT
) STRICT;

CREATE TRIGGER watchdog_secret AFTER DELETE ON watchdog BEGIN
    DELETE FROM secrets WHERE owner = 'watchdog/' || old.id;
END;

-- The last digest of each channel that has digests.
CREATE TABLE digests (
    channel_id TEXT    NOT NULL PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
    due_at     INTEGER NOT NULL,   -- sent, or left out as it would have been too late
    covered_at INTEGER NOT NULL    -- end of the time that the last one sent is about
) STRICT;
