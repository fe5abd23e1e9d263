package io.resticfleet.server.channel;

import java.util.List;
import java.util.Optional;

/**
 * An email.
 *
 * @param messageId without angle brackets; the same for each attempt
 * @param subject one line
 */
public record Mail(
        Server server, String from, List<String> to, String messageId, String subject, String text, String html)
        implements Outgoing {

    /** The mail server that takes it. */
    public record Server(
            String host, int port, Security security, Optional<String> username, Optional<String> password) {

        @Override
        public String toString() {
            return "Server[" + host + ":" + port + "]";
        }
    }

    /** How the connection to the mail server is encrypted. */
    public enum Security {
        /** Plain at first; refused if the server does not offer TLS then. */
        STARTTLS,
        TLS,
        NONE
    }
}
