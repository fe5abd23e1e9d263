package io.resticfleet.server.auth;

import io.resticfleet.server.secret.Tokens;

/** What a browser holds in its cookie: 256 random bits. Prints as stars. */
record SessionToken(String value) {

    static SessionToken mint() {
        return new SessionToken(Tokens.mint(""));
    }

    /** As it is kept. */
    String sha256() {
        return Tokens.sha256(value);
    }

    @Override
    public String toString() {
        return "***";
    }
}
