package io.resticfleet.agent.reading;

import java.io.IOException;

/** The server has not taken a body. */
final class UploadFailed extends IOException {
    private static final long serialVersionUID = 1L;

    UploadFailed(String message) {
        super(message);
    }
}
