package io.resticfleet.server.watchdog;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.channel.HttpCall;
import io.resticfleet.server.channel.SendResult;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.web.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pings an address outside while this server's own checks pass, so that the service there tells somebody when pings stop.
 * Safe for use by many threads.
 */
public final class Watchdog {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** Time between two calls of {@link #check}. */
    public static final Duration EVERY = Duration.ofSeconds(15);

    public static final int DEFAULT_EVERY_SECONDS = 300;
    public static final int MIN_EVERY_SECONDS = 60;
    public static final int MAX_EVERY_SECONDS = 3_600;

    private static final int MAX_URL_LENGTH = 2_000;

    /** After a ping that was not answered with success, if the time between two pings is not shorter. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    private static final String OWNER = "watchdog/1";

    private final Database db;
    private final Secrets secrets;
    private final Audit audit;
    private final OwnChecks checks;
    private final Function<HttpCall, SendResult> sender;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /** When the next ping is due, by the monotonic clock; absent for at once. */
    private Optional<Long> next = Optional.empty();

    /** Number of times that the address was set, so that a ping of a former one puts off none of the new one. */
    private int settings;

    /** @param sender makes a request and waits for its answer; never through a cache or a proxy */
    public Watchdog(
            Database db,
            Secrets secrets,
            Audit audit,
            OwnChecks checks,
            Function<HttpCall, SendResult> sender,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.db = db;
        this.secrets = secrets;
        this.audit = audit;
        this.checks = checks;
        this.sender = sender;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** What is pinged and how that goes, with the server's checks of itself, which are made now. */
    public WatchdogView get() {
        var row = row();
        return new WatchdogView(
                row.map(WatchdogDao.Row::address),
                row.map(WatchdogDao.Row::everySeconds).orElse(DEFAULT_EVERY_SECONDS),
                row.flatMap(WatchdogDao.Row::lastPingAt),
                row.flatMap(known -> known.lastResultAt()
                        .map(at -> new WatchdogView.Result(
                                at,
                                known.lastOk().orElse(false),
                                known.lastDetail().orElse("")))),
                checks.all());
    }

    private Optional<WatchdogDao.Row> row() {
        return db.read(handle -> handle.attach(WatchdogDao.class).find());
    }

    /**
     * Sets what is pinged.
     *
     * @throws Problem 400 {@code ping_url_required}, {@code invalid_ping_url} or {@code invalid_every_seconds}
     */
    public WatchdogView set(Actor actor, WatchdogBody body) {
        int seconds = body.everySeconds().orElse(DEFAULT_EVERY_SECONDS);
        if (seconds < MIN_EVERY_SECONDS || seconds > MAX_EVERY_SECONDS) {
            throw invalid(
                    "every_seconds",
                    "invalid_every_seconds",
                    "every_seconds must be from " + MIN_EVERY_SECONDS + " to " + MAX_EVERY_SECONDS);
        }
        var url = body.pingUrl().map(Watchdog::url);
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        db.change(tx -> {
            var dao = tx.attach(WatchdogDao.class);
            var address = url.map(Watchdog::address)
                    .or(() -> dao.find().map(WatchdogDao.Row::address))
                    .orElseThrow(() -> invalid("ping_url", "ping_url_required", "ping_url is required"));
            dao.put(address, seconds, now);
            url.ifPresent(given -> {
                dao.forgetResults();
                secrets.put(tx, OWNER, given.toASCIIString());
            });
            audit.record(tx, actor, "watchdog.set", "watchdog", Map.of("target", address, "every_seconds", seconds));
        });
        pingSoon();
        return get();
    }

    private synchronized void pingSoon() {
        settings++;
        next = Optional.empty();
    }

    private static Problem invalid(String field, String code, String detail) {
        return Problem.invalid(List.of(new Violation(field, code, detail)));
    }

    private static URI url(String text) {
        try {
            var url = new URI(text.strip());
            var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            boolean usable = (scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && url.getPort() != 0
                    && url.getPort() <= 65_535
                    && text.length() <= MAX_URL_LENGTH;
            if (usable) {
                return url;
            }
        } catch (URISyntaxException e) {
            log.debug("a ping_url is no URL at index {}", e.getIndex()); // the cause would contain it
        }
        throw invalid(
                "ping_url",
                "invalid_ping_url",
                "ping_url must be an http or https URL without user and fragment, of at most " + MAX_URL_LENGTH
                        + " characters");
    }

    /** The address without what may be secret in it. */
    private static String address(URI url) {
        return url.getScheme().toLowerCase(Locale.ROOT) + "://" + url.getHost()
                + (url.getPort() < 0 ? "" : ":" + url.getPort());
    }

    /** Ends the pings; harmless if there are none. */
    public void remove(Actor actor) {
        db.change(tx -> {
            if (tx.attach(WatchdogDao.class).delete() > 0) {
                audit.record(tx, actor, "watchdog.remove", "watchdog", Map.of());
            }
        });
    }

    /** Sends a ping if one is due, after a write to the database, and not unless all checks pass. Waits for its answer. */
    public void check() {
        int before = settings();
        if (!isDue()) {
            return;
        }
        var row = row();
        if (row.isEmpty() || !passing()) {
            return; // and look again soon
        }
        var url = db.read(handle -> secrets.find(handle, OWNER, String.class));
        url.ifPresent(address -> ping(row.get(), URI.create(address), before));
    }

    private synchronized int settings() {
        return settings;
    }

    private synchronized boolean isDue() {
        return next.filter(at -> nanoTime.getAsLong() - at < 0).isEmpty();
    }

    private boolean passing() {
        var failing = checks.all().stream().filter(check -> !check.ok()).toList();
        if (!failing.isEmpty()) {
            log.debug("no ping is sent: {}", failing);
            return false;
        }
        try {
            db.change(tx -> tx.attach(WatchdogDao.class).checked(clock.instant()));
            return true;
        } catch (StorageRefused e) {
            log.debug("no ping is sent, as the database cannot be written", e);
            return false;
        }
    }

    private void ping(WatchdogDao.Row row, URI url, int settingsBefore) {
        var result = sender.apply(new HttpCall("GET", url, Map.of("Cache-Control", "no-cache"), new byte[0]));
        var every = Duration.ofSeconds(row.everySeconds());
        synchronized (this) {
            if (settings == settingsBefore) {
                next = Optional.of(nanoTime.getAsLong() + (result.isDelivered() ? every : RETRY).toNanos());
            }
        }
        if (!result.isDelivered()) {
            log.warn("the watchdog's ping failed target={}: {}", row.address(), result.detail());
        }
        db.note(tx -> tx.attach(WatchdogDao.class)
                .pinged(clock.instant(), result.isDelivered(), result.detail(), row.changedAt()));
    }
}
