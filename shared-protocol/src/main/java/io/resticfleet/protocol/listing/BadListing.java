package io.resticfleet.protocol.listing;

import java.io.IOException;

/** A listing is incomplete, malformed or too large. The message has no text of it. */
public final class BadListing extends IOException {
    private static final long serialVersionUID = 1L;

    BadListing(String message) {
        super(message);
    }

    BadListing(String message, Throwable cause) {
        super(message, cause);
    }
}
