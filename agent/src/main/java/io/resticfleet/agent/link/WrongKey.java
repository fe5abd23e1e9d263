package io.resticfleet.agent.link;

import io.resticfleet.pin.Pin;
import java.security.cert.CertificateException;
import java.util.Optional;

/** The server has a key that is not pinned. Nothing was sent to it. */
public final class WrongKey extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final transient Pin shown;
    private final boolean again;

    /**
     * @param pinned the pinned keys, as text
     * @param again whether the same key was refused just before
     */
    WrongKey(Pin shown, String pinned, boolean again) {
        super("the server shows the key " + shown + ", but the pinned one is " + pinned
                + ": its certificate was replaced, or the connection is intercepted. Nothing was sent to it");
        this.shown = shown;
        this.again = again;
    }

    /** The wrong key that made a connection fail; empty if something else did. */
    public static Optional<WrongKey> in(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongKey wrong) {
                return Optional.of(wrong);
            }
        }
        return Optional.empty();
    }

    /** The problem and what to do about it, for an enrolled agent. */
    public String advice() {
        return getMessage()
                + ". If its key was changed on purpose, compare the first with what the command doctor prints"
                + " on the server, then run here: java -jar restic-fleet-agent.jar trust --pin " + shown;
    }

    /** A text for the log, short if the same key was logged just before. */
    String once() {
        return again
                ? "it still shows the key " + shown + ", which is not pinned"
                : advice() + ". Schedules keep running";
    }
}
