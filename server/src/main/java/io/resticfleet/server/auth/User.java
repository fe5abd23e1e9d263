package io.resticfleet.server.auth;

import java.time.Instant;

/**
 * Somebody who may sign in.
 *
 * @param passwordHash Argon2id in the usual {@code $argon2id$} form
 */
record User(String id, String username, String passwordHash, Instant createdAt, Instant passwordChangedAt) {

    @Override
    public String toString() {
        return username;
    }
}
