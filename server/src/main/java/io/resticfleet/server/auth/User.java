package io.resticfleet.server.auth;

import java.time.Instant;

/** A user of the server. */
record User(String id, String username, Instant createdAt) {

    @Override
    public String toString() {
        return username;
    }
}
