package io.resticfleet.server.auth;

import io.resticfleet.server.web.ClientAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;

/**
 * Slows down whoever guesses: from one address, 5 wrong passwords for a user and 30 for all users in a quarter of an
 * hour. Kept in memory only. Safe for use by many threads.
 *
 * <p>An attempt counts before it is looked at: a hundred sent at once are no more than one after the other. Counted by
 * address too, for by name alone anybody could lock out the administrator.
 */
final class LoginLimiter {

    private static final Duration STRETCH = Duration.ofMinutes(15);
    private static final int PER_USER = 5;
    private static final int PER_ADDRESS = 30;
    private static final int NOTED = 200;
    private static final int LONGEST_NAME = 64;

    private final InstantSource clock;
    private final Attempts byUser = new Attempts(PER_USER, STRETCH);
    private final Attempts byAddress = new Attempts(PER_ADDRESS, STRETCH);
    private final Attempts noted = new Attempts(NOTED, STRETCH);
    private int unnoted;

    LoginLimiter(InstantSource clock) {
        this.clock = clock;
    }

    /** Counts an attempt, unless it is one too many: then how long to wait. */
    Optional<Duration> attempt(String username, ClientAddress address) {
        var now = clock.instant();
        var tooManyHere = byAddress.make(address.site(), now);
        if (tooManyHere.isPresent()) {
            return tooManyHere;
        }
        var tooManyForUser = byUser.make(key(username, address), now);
        tooManyForUser.ifPresent(wait -> byAddress.undo(address.site()));
        return tooManyForUser;
    }

    /** The last attempt was right. */
    void succeeded(String username, ClientAddress address) {
        byUser.forget(key(username, address));
        byAddress.undo(address.site());
    }

    /**
     * Whether a failure should go into the audit log, which must not be flooded from many addresses at once: at most
     * 200 in a quarter of an hour.
     *
     * @return how many were left out since the last that was noted; empty if this is to be left out too
     */
    synchronized Optional<Integer> note() {
        if (noted.make("", clock.instant()).isPresent()) {
            unnoted++;
            return Optional.empty();
        }
        int before = unnoted;
        unnoted = 0;
        return Optional.of(before);
    }

    private static String key(String username, ClientAddress address) {
        var name = username.length() > LONGEST_NAME ? username.substring(0, LONGEST_NAME) : username;
        return address.site() + " " + name.toLowerCase(Locale.ROOT);
    }
}
