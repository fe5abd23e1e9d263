package io.resticfleet.server.channel;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;

/** Addresses of email, as people type them. */
final class MailAddress {

    private MailAddress() {}

    /**
     * @param text an address, also with a name, such as {@code Backups <backups@example.com>}
     * @throws IllegalArgumentException unless it is one
     */
    static String checked(String text) {
        try {
            var parsed = InternetAddress.parse(text.strip(), true);
            if (parsed.length != 1 || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("'" + text + "' is not one email address");
            }
            parsed[0].validate();
            if (!parsed[0].getAddress().contains("@")) {
                throw new IllegalArgumentException("'" + text + "' has no @");
            }
            return text.strip();
        } catch (AddressException e) {
            throw new IllegalArgumentException("'" + text + "' is no email address", e);
        }
    }
}
