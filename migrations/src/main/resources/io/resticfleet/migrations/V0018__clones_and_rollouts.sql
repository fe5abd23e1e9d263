-- Agents that are known to use one identity at the same time: two or more for each host that has any.
CREATE TABLE cloned_agents (
    host_id      TEXT    NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    instance_id  TEXT    NOT NULL,      -- of the agent's process, random
    hostname     TEXT    NOT NULL,
    boot_id      TEXT    NOT NULL,
    address      TEXT    NOT NULL,      -- of its last connection
    since_at     INTEGER NOT NULL,      -- its first hello
    found_at     INTEGER NOT NULL,      -- when the clones were detected; the same for all of a host
    PRIMARY KEY (host_id, instance_id)
) STRICT;

-- The last upgrade of all agents. One row; none if there was none yet.
CREATE TABLE agent_rollout (
    id      INTEGER NOT NULL PRIMARY KEY,
    state   TEXT    NOT NULL,           -- running, halted, finished
    detail  TEXT                        -- why it halted; null if it did not
) STRICT;

-- The hosts that it has not finished.
CREATE TABLE agent_rollout_hosts (
    position  INTEGER NOT NULL PRIMARY KEY,  -- in order
    host_id   TEXT    NOT NULL UNIQUE REFERENCES hosts (id) ON DELETE CASCADE
) STRICT;
