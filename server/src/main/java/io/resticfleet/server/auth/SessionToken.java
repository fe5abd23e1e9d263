package io.resticfleet.server.auth;

import io.resticfleet.server.secret.Tokens;

/** The value of a session cookie: 256 random bits. Prints as asterisks. */
record SessionToken(String value) {

    static SessionToken mint() {
        return new SessionToken(Tokens.mint(""));
    }

    /** The form that is stored. */
    String sha256() {
        return Tokens.sha256(value);
    }

    @Override
    public String toString() {
        return "***";
    }
}
