package io.resticfleet.server.auth;

import java.time.Instant;

/** Somebody who may sign in. */
record User(String id, String username, Instant createdAt) {

    @Override
    public String toString() {
        return username;
    }
}
