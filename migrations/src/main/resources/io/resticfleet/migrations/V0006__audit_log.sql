-- Who changed what, when. Outlives what it speaks of, so it refers to nothing.

CREATE TABLE audit_log (
    id           TEXT    NOT NULL PRIMARY KEY,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,   -- user name; with the API token's name if one was used
    action       TEXT    NOT NULL,   -- such as schedule.update
    host_id      TEXT,
    target_id    TEXT,
    address      TEXT,               -- where the request came from
    detail_json  TEXT    NOT NULL
) STRICT;
