package io.resticfleet.server.auth;

import io.resticfleet.server.web.ClientAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;

/**
 * Limits password guessing: from one address, 5 wrong passwords for one user and 30 for all users in 15 minutes. In
 * memory only. Safe for use by many threads.
 *
 * <p>An attempt counts before its password is checked, so that concurrent attempts gain nothing. Users are counted per
 * address, as otherwise anyone could lock out the administrator.
 */
final class LoginLimiter {

    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int PER_USER = 5;
    private static final int PER_ADDRESS = 30;
    private static final int MAX_AUDITED = 200;
    private static final int MAX_NAME = 64;

    private final InstantSource clock;
    private final Attempts byUser = new Attempts(PER_USER, WINDOW);
    private final Attempts byAddress = new Attempts(PER_ADDRESS, WINDOW);
    private final Attempts audited = new Attempts(MAX_AUDITED, WINDOW);
    private int skipped;

    LoginLimiter(InstantSource clock) {
        this.clock = clock;
    }

    /** Counts an attempt. Over the limit, returns how long to wait instead. */
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

    /** The last attempt succeeded; it no longer counts. */
    void succeeded(String username, ClientAddress address) {
        byUser.forget(key(username, address));
        byAddress.undo(address.site());
    }

    /**
     * Whether to record a failure in the audit log: at most 200 in 15 minutes, so that many addresses together cannot
     * flood it.
     *
     * @return number of failures skipped since the last one recorded; empty if this one is to be skipped, too
     */
    synchronized Optional<Integer> note() {
        if (audited.make("", clock.instant()).isPresent()) {
            skipped++;
            return Optional.empty();
        }
        int before = skipped;
        skipped = 0;
        return Optional.of(before);
    }

    private static String key(String username, ClientAddress address) {
        var name = username.length() > MAX_NAME ? username.substring(0, MAX_NAME) : username;
        return address.site() + " " + name.toLowerCase(Locale.ROOT);
    }
}
