package io.resticfleet.server.channel;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.db.StoredJson;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is in the outbox: to each channel one message at a time, and at most one a minute. An attempt is stored before it
 * is made, and its result after it, so that a message is lost at no moment at which the server dies; it may be sent again,
 * with the same id and content, and the number of the attempt.
 */
public final class Courier {

    private static final Logger log = LoggerFactory.getLogger(Courier.class);

    /** Time between two looks for what can be sent. */
    public static final Duration EVERY = Duration.ofSeconds(2);

    /** Between two attempts on one channel. */
    static final Duration BETWEEN = Duration.ofMinutes(1);

    private static final Duration MAX_BACK_OFF = Duration.ofHours(1);

    /** Least time after a refusal, which a repetition will hardly change. */
    private static final Duration AFTER_REFUSAL = Duration.ofMinutes(10);

    /** Refusals of a message after which those behind it are sent. */
    private static final int MAX_REFUSALS = 3;

    /** Attempts of a delivery that are kept. */
    private static final int KEPT_ATTEMPTS = 10;

    /** How long deliveries are kept, and how many of each channel. */
    private static final Duration KEPT = Duration.ofDays(30);

    private static final int MAX_KEPT = 1_000;

    /** Pings to one channel, before others get its thread. */
    private static final int MAX_IN_A_ROW = 50;

    private final Database db;
    private final Channels channels;
    private final Outbox outbox;
    private final RunLogs logs;
    private final Sender sender;
    private final InstantSource clock;
    private final Executor fast;
    private final Executor slow;

    /** By channel. */
    private final Map<String, Attempt> underWay = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /**
     * @param fast sends to channels that work; a task blocks for up to a minute
     * @param slow sends to channels that fail, so that they delay no others
     */
    public Courier(
            Database db,
            Channels channels,
            Outbox outbox,
            RunLogs logs,
            Sender sender,
            InstantSource clock,
            Executor fast,
            Executor slow) {
        this.db = db;
        this.channels = channels;
        this.outbox = outbox;
        this.logs = logs;
        this.sender = sender;
        this.clock = clock;
        this.fast = fast;
        this.slow = slow;
    }

    /** An attempt under way. */
    private static final class Attempt {
        private final ChannelRow channel;
        private final DeliveryDao.DeliveryRow delivery;
        private final int number;
        private final Instant at;
        private final Optional<ChannelConfig> config;
        private SendResult result;

        /** Whether the result could not be stored yet. */
        private volatile boolean unstored;

        /** @param config empty if the channel's secrets cannot be read */
        Attempt(ChannelRow channel, DeliveryDao.DeliveryRow delivery, Instant at, Optional<ChannelConfig> config) {
            this.channel = channel;
            this.delivery = delivery;
            this.number = delivery.attempts() + 1;
            this.at = at;
            this.config = config;
        }
    }

    /** Starts to send what can be sent now. Called by one thread at a time. */
    public void check() {
        underWay.values().stream().filter(attempt -> attempt.unstored).forEach(attempt -> {
            if (store(attempt)) {
                underWay.remove(attempt.channel.id());
            }
        });
        var now = clock.instant();
        for (var channelId : db.read(handle -> handle.attach(DeliveryDao.class).due(now, now.plus(MAX_BACK_OFF)))) {
            if (!closed && !underWay.containsKey(channelId)) {
                begin(channelId).ifPresent(this::start);
            }
        }
    }

    private void start(Attempt attempt) {
        underWay.put(attempt.channel.id(), attempt);
        try {
            (attempt.channel.failures() == 0 ? fast : slow).execute(() -> send(attempt));
        } catch (RejectedExecutionException e) {
            underWay.remove(attempt.channel.id()); // the server stops
        }
    }

    /** Sends a message; pings one after another, but not without end. */
    private void send(Attempt first) {
        boolean ended = false;
        try {
            sendAll(first);
            ended = true;
        } finally {
            if (!ended) {
                underWay.remove(first.channel.id()); // after an Error; it waits, and is sent again
            }
        }
    }

    private void sendAll(Attempt first) {
        var next = Optional.of(first);
        for (int i = 0; i < MAX_IN_A_ROW && next.isPresent(); i++) {
            var attempt = next.get();
            underWay.put(attempt.channel.id(), attempt);
            attempt.result = result(attempt);
            if (!store(attempt)) {
                attempt.unstored = true;
                return;
            }
            boolean more = attempt.delivery.kind().equals(Outbox.RUN) && attempt.result.isDelivered() && !closed;
            next = more ? begin(attempt.channel.id()) : Optional.empty();
        }
        next.ifPresentOrElse(this::start, () -> underWay.remove(first.channel.id()));
    }

    private SendResult result(Attempt attempt) {
        try {
            return attempt.config
                    .map(config -> sender.send(message(attempt, config)))
                    .orElseGet(() -> SendResult.refused("the channel's secrets cannot be read; enter them again"));
        } catch (RuntimeException e) {
            // Without its message, which may contain an address, and with it secrets.
            log.error(
                    "sending failed channel={} delivery={} failure={} at={}",
                    attempt.channel.name(),
                    attempt.delivery.id(),
                    e.getClass().getName(),
                    Arrays.toString(e.getStackTrace()));
            return SendResult.failed("sending failed (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** Writes the next attempt down. Empty if there is nothing to send now, or if that failed. */
    private Optional<Attempt> begin(String channelId) {
        try {
            return db.write(tx -> begin(tx, channelId, clock.instant()));
        } catch (StorageRefused e) {
            log.debug("nothing is sent now, as it cannot be noted: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("the next message of a channel cannot be made channel={}", channelId, e);
        }
        return Optional.empty();
    }

    private Optional<Attempt> begin(Handle tx, String channelId, Instant now) {
        var channel = tx.attach(ChannelDao.class).find(channelId);
        if (channel.isEmpty()) {
            return Optional.empty();
        }
        var dao = tx.attach(DeliveryDao.class);
        dao.giveUpExpired(channelId, now);
        return next(tx, channel.get(), now).map(delivery -> {
            var attempt = new Attempt(channel.get(), delivery, now, config(tx, channel.get()));
            dao.attempts(delivery.id(), attempt.number);
            dao.attempt(delivery.id(), attempt.number, now);
            dao.deleteAttempts(delivery.id(), attempt.number - KEPT_ATTEMPTS);
            if (isLimited(delivery)) {
                tx.attach(ChannelDao.class).nextAt(channelId, now.plus(BETWEEN));
            }
            return attempt;
        });
    }

    /** Whether it counts for one a minute: not what somebody waits for, and not pings, which are of many checks. */
    private static boolean isLimited(DeliveryDao.DeliveryRow delivery) {
        return !delivery.kind().equals(Outbox.TEST) && !delivery.kind().equals(Outbox.RUN);
    }

    private Optional<DeliveryDao.DeliveryRow> next(Handle tx, ChannelRow channel, Instant now) {
        var dao = tx.attach(DeliveryDao.class);
        var first = dao.firstWaiting(channel.id());
        if (first.isPresent() && first.get().kind().equals(Outbox.TEST)) {
            return first;
        }
        if (channel.nextAt().isAfter(now) && !channel.nextAt().isAfter(now.plus(MAX_BACK_OFF))) {
            return Optional.empty();
        }
        return first.or(() -> outbox.gather(tx, channel.id()).flatMap(id -> dao.firstWaiting(channel.id())));
    }

    /** Empty if its secrets cannot be read. */
    private Optional<ChannelConfig> config(Handle tx, ChannelRow channel) {
        try {
            return Optional.of(channels.config(tx, channel));
        } catch (IllegalStateException e) {
            log.error("a channel cannot be used channel={}: {}", channel.name(), e.getMessage());
            return Optional.empty();
        }
    }

    private Outgoing message(Attempt attempt, ChannelConfig config) {
        var content = StoredJson.read(attempt.delivery.content(), MessageContent.class);
        var tail = content.run()
                .filter(run -> config.flag("log_tail"))
                .map(run -> logs.tail(run.jobId()))
                .orElse("");
        return Renderer.render(new Renderer.Sending(
                config, content, attempt.delivery.id(), attempt.number, attempt.delivery.createdAt(), tail));
    }

    /** Stores a result. Returns false if that is not possible now: nothing else is sent to the channel before. */
    private boolean store(Attempt attempt) {
        var result = attempt.result;
        if (closed && !result.isDelivered()) {
            return true; // cut short by the end of the server, which the next start finds
        }
        try {
            db.change(tx -> store(tx, attempt, result));
        } catch (StorageRefused e) {
            log.debug("the result of a delivery cannot be stored now delivery={}", attempt.delivery.id());
            return false;
        } catch (RuntimeException e) {
            log.error("the result of a delivery cannot be stored, trying again delivery={}", attempt.delivery.id(), e);
            return false;
        }
        outbox.ended(attempt.delivery.id(), result);
        return true;
    }

    private void store(Handle tx, Attempt attempt, SendResult result) {
        var dao = tx.attach(DeliveryDao.class);
        var channelDao = tx.attach(ChannelDao.class);
        var channel = attempt.channel;
        var kind = attempt.delivery.kind();
        var now = clock.instant();
        dao.attempted(attempt.delivery.id(), attempt.number, result.isDelivered(), result.detail());
        if (result.isDelivered()) {
            dao.ended(attempt.delivery.id(), "delivered", now);
            channelDao.delivered(channel.id(), now);
            if (channel.failures() > 0) {
                channelDao.notAfter(channel.id(), attempt.at.plus(BETWEEN));
                log.info("the channel works again channel={}", channel.name());
            }
            return;
        }
        log.warn(
                "message not delivered channel={} delivery={} attempt={}: {}",
                channel.name(),
                attempt.delivery.id(),
                attempt.number,
                result.detail());
        if (kind.equals(Outbox.TEST)) {
            dao.ended(attempt.delivery.id(), "given_up", now);
            channelDao.lastError(channel.id(), result.detail());
        } else if (kind.equals(Outbox.RUN) && result.outcome() == SendResult.Outcome.REFUSED) {
            dao.ended(attempt.delivery.id(), "given_up", now); // those behind it are of other checks
            channelDao.failed(channel.id(), attempt.at, result.detail(), attempt.at);
        } else {
            if (result.outcome() == SendResult.Outcome.REFUSED
                    && attempt.number >= MAX_REFUSALS
                    && dao.othersWait(channel.id(), attempt.delivery.id())) {
                dao.ended(attempt.delivery.id(), "given_up", now); // it may be this message alone that is refused
                dao.lost(channel.id(), Math.max(1, events(attempt)));
            }
            channelDao.failed(
                    channel.id(), attempt.at, result.detail(), attempt.at.plus(backOff(channel.failures(), result)));
        }
    }

    private static int events(Attempt attempt) {
        return StoredJson.read(attempt.delivery.content(), MessageContent.class)
                .events()
                .size();
    }

    /** @param failures before this one */
    static Duration backOff(int failures, SendResult result) {
        var doubled = BETWEEN.multipliedBy(1L << Math.min(failures, 6));
        var least =
                result.retryAfter().orElse(result.outcome() == SendResult.Outcome.REFUSED ? AFTER_REFUSAL : doubled);
        var wait = doubled.compareTo(least) > 0 && result.retryAfter().isEmpty() ? doubled : least;
        if (wait.compareTo(BETWEEN) < 0) {
            return BETWEEN;
        }
        return wait.compareTo(MAX_BACK_OFF) > 0 ? MAX_BACK_OFF : wait;
    }

    /** Deletes what was sent or given up long ago. */
    public void expire() {
        outbox.expire(clock.instant().minus(KEPT), MAX_KEPT);
    }

    /** Begins nothing more; the caller then ends what is under way. */
    public void close() {
        closed = true;
    }
}
