-- What is expected of repositories, and agents that are too old to connect.

ALTER TABLE repositories ADD COLUMN size_limit_bytes INTEGER;                     -- null: none
ALTER TABLE repositories ADD COLUMN check_within_days INTEGER NOT NULL DEFAULT 60; -- 0: never

ALTER TABLE hosts ADD COLUMN too_old_at INTEGER;   -- when its agent was last refused as too old; null: not since its last hello
