-- Passwords in a table of their own, as a user may have none, and API tokens for programs.

CREATE TABLE user_passwords (
    user_id     TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash        TEXT    NOT NULL,               -- Argon2id with its parameters, in the usual $argon2id$ form
    changed_at  INTEGER NOT NULL
) STRICT;
INSERT INTO user_passwords (user_id, hash, changed_at)
SELECT id, password_hash, password_changed_at FROM users;
ALTER TABLE users DROP COLUMN password_hash;
ALTER TABLE users DROP COLUMN password_changed_at;

-- Tokens have the rights of the user who created them.
CREATE TABLE api_tokens (
    id            TEXT    NOT NULL PRIMARY KEY,
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    token_sha256  TEXT    NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER                       -- null until first used; up to a minute old
) STRICT;
