package io.resticfleet.server.digest;

import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.channel.DigestMessage;
import io.resticfleet.server.channel.Outbox;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Puts the digests that are due into the outbox, each once, whatever happens to the server. One that is due while the server
 * is off is sent afterwards, if it is less than a day late; else the next one is about its time, too.
 */
public final class Digests {

    /** Time between two calls of {@link #check}. */
    public static final Duration EVERY = Duration.ofMinutes(1);

    private static final Duration MAX_LATE = Duration.ofDays(1);

    /** How long a time one digest is about. */
    private static final Duration MAX_COVERED = Duration.ofDays(31);

    /** Between two digests, as the server's time zone may change. */
    private static final Duration MIN_APART = Duration.ofHours(12);

    private final Database db;
    private final Channels channels;
    private final Outbox outbox;
    private final DigestFacts facts;
    private final Function<Digest, DigestMessage> words;
    private final ZoneId zone;
    private final InstantSource clock;

    /** @param zone of this server */
    public Digests(
            Database db,
            Channels channels,
            Outbox outbox,
            DigestFacts facts,
            Function<Digest, DigestMessage> words,
            ZoneId zone,
            InstantSource clock) {
        this.db = db;
        this.channels = channels;
        this.outbox = outbox;
        this.facts = facts;
        this.words = words;
        this.zone = zone;
        this.clock = clock;
    }

    /** Looks which digests are due. Used by one thread at a time. */
    public void check() {
        for (var channel : channels.all()) {
            channel.digest().ifPresent(every -> check(channel, every));
        }
    }

    private void check(Channel channel, DigestEvery every) {
        var now = clock.instant();
        var due = DigestTimes.last(every, now, zone);
        var last = db.read(handle -> handle.attach(DigestDao.class).find(channel.id()));
        if (last.isEmpty()) {
            put(channel, due, due); // the first digest is the next one
        } else if (last.get().dueAt().isAfter(now)) {
            put(channel, due, earlier(last.get().coveredAt(), due)); // the clock was set back
        } else if (!due.isBefore(last.get().dueAt().plus(MIN_APART))) {
            if (now.isBefore(due.plus(MAX_LATE))) {
                send(channel, every, last.get(), due);
            } else {
                put(channel, due, last.get().coveredAt());
            }
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private void put(Channel channel, Instant due, Instant covered) {
        db.change(tx -> put(tx, channel, due, covered));
    }

    private static void put(Handle tx, Channel channel, Instant due, Instant covered) {
        tx.attach(DigestDao.class).put(channel.id(), due, covered);
    }

    private void send(Channel channel, DigestEvery every, DigestDao.Row last, Instant due) {
        var oldest = due.minus(MAX_COVERED);
        var from = last.coveredAt().isAfter(oldest) ? last.coveredAt() : oldest;
        var digest = facts.of(channel, every, from, due);
        var message = Optional.of(digest).filter(found -> found.hosts() > 0).map(words);
        db.change(tx -> {
            message.ifPresent(found -> outbox.digest(tx, channel.id(), found));
            put(tx, channel, due, due);
        });
    }
}
