package io.resticfleet.protocol;

/**
 * An id: a <a href="https://github.com/ulid/spec">ULID</a>, 26 upper-case characters, of which the first ten are its
 * time. Safe in an address and as the name of a file. Each kind of thing has its own type, which is checked when it is
 * made.
 */
public sealed interface Id extends Comparable<Id> permits HostId, JobId, RepositoryId, ScheduleId {

    /** The characters of an id; the first one is at most 7. */
    String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    int LENGTH = 26;

    /** The 26 characters. */
    String value();

    /** By time. */
    @Override
    default int compareTo(Id other) {
        return value().compareTo(other.value());
    }

    /** Whether this text is an id. */
    static boolean matches(String text) {
        if (text.length() != LENGTH || text.charAt(0) > '7') {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            if (ALPHABET.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** @throws Malformed unless this text is an id */
    static void check(String text) {
        if (!matches(text)) {
            throw new Malformed();
        }
    }

    /** A text is not an id. The message does not repeat it: it can be long, and come from anyone. */
    final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super("not a ULID");
        }
    }
}
