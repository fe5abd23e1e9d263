-- Who may come in.
--
-- Conventions, for every file:
--   *_at      INTEGER, milliseconds since 1970-01-01T00:00Z
--   *_json    TEXT holding JSON; never queried into
--   *_sealed  TEXT, AES-256-GCM under the key file, bound to its row
--   id        TEXT, a ULID unless it says otherwise
--   STRICT    so that SQLite holds us to the types above
-- A released file is never edited. No CHECK lists words that may grow in number.

CREATE TABLE users (
    id                   TEXT    NOT NULL PRIMARY KEY,
    username             TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password_hash        TEXT    NOT NULL,   -- Argon2id with its parameters, in the usual $argon2id$ form
    created_at           INTEGER NOT NULL,
    password_changed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_sha256  TEXT    NOT NULL PRIMARY KEY,   -- of the cookie; the cookie itself is not kept
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
