package io.resticfleet.agent.link;

import io.resticfleet.pin.Pin;
import java.security.cert.CertificateException;
import java.util.Optional;

/** The server shows a key that is not pinned; nothing was said to it. */
public final class WrongKey extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final transient Pin shown;
    private final boolean again;

    /**
     * @param held what is trusted, in words
     * @param again whether the same was refused just before
     */
    WrongKey(Pin shown, String held, boolean again) {
        super("the server shows the key " + shown + ", but the pinned one is " + held
                + ": it has another certificate, or somebody is in between. Nothing was sent to it");
        this.shown = shown;
        this.again = again;
    }

    /** What a failed connection failed of, if it was that. */
    public static Optional<WrongKey> in(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongKey wrong) {
                return Optional.of(wrong);
            }
        }
        return Optional.empty();
    }

    /** With what to do; for an agent that has joined. */
    public String advice() {
        return getMessage() + ". If its key was changed on purpose, compare the first with what the command doctor says"
                + " on the server, then run here: java -jar restic-fleet-agent.jar trust --pin " + shown;
    }

    /** For a log that may have said it before. */
    String once() {
        return again ? "it still shows the key " + shown + ", which is not pinned" : advice() + ". Schedules go on";
    }
}
