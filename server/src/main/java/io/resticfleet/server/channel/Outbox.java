package io.resticfleet.server.channel;

import io.resticfleet.protocol.JobId;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.AlertListener;
import io.resticfleet.server.alert.AlertView;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be sent, stored in the transaction that makes it necessary; the {@link Courier} sends it. Safe for use by many
 * threads.
 */
public final class Outbox implements AlertListener {

    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    /** Kinds of messages. */
    static final String ALERTS = "alerts";

    static final String DIGEST = "digest";
    static final String TEST = "test";
    static final String RUN = "run";

    /** Events and messages that wait, of each channel; older ones are dropped and counted. */
    static final int MAX_WAITING = 10_000;

    /** How long a message is tried. */
    static final Duration TRIED = Duration.ofDays(3);

    /** How long somebody waits for a test. */
    private static final Duration TEST_TRIED = Duration.ofMinutes(2);

    private final Database db;
    private final String serverUrl;
    private final InstantSource clock;

    /** Of tests that somebody waits for, by delivery. */
    private final Map<String, CompletableFuture<SendResult>> tests = new ConcurrentHashMap<>();

    /** @param serverUrl as people reach this server, without a trailing slash */
    public Outbox(Database db, String serverUrl, InstantSource clock) {
        this.db = db;
        this.serverUrl = serverUrl;
        this.clock = clock;
    }

    @Override
    public void changed(Handle tx, List<AlertEvent> events) {
        var dao = tx.attach(ChannelDao.class);
        for (var channel : dao.all()) {
            if (!channel.channelKind().takesAlerts()) {
                continue;
            }
            var passing =
                    events.stream().filter(event -> passes(dao, channel, event)).toList();
            if (!passing.isEmpty()) {
                add(tx, channel, passing);
            }
        }
    }

    /** Also notes of what the channel was told. */
    private static boolean passes(ChannelDao dao, ChannelRow channel, AlertEvent event) {
        var alert = event.alert();
        if (event.state() == AlertEvent.State.RESOLVED) {
            return dao.untold(channel.id(), alert.id()) > 0;
        }
        boolean told = dao.isTold(channel.id(), alert.id());
        if (!told && alert.severity().compareTo(channel.severity()) < 0
                || alert.key().equals(ChannelRules.key(channel.id()))
                || !concerns(channel, event)) {
            return false;
        }
        dao.told(channel.id(), alert.id());
        return true;
    }

    private static boolean concerns(ChannelRow channel, AlertEvent event) {
        var subject = event.alert().subject();
        return (channel.hosts().isEmpty() || subject.concerns().stream().anyMatch(channel.hosts()::contains))
                && (channel.tags().isEmpty() || subject.tags().stream().anyMatch(channel.tags()::contains));
    }

    private void add(Handle tx, ChannelRow channel, List<AlertEvent> events) {
        var dao = tx.attach(DeliveryDao.class);
        events.forEach(event -> dao.insertEvent(
                db.newId(),
                channel.id(),
                event.state().word(),
                StoredJson.write(AlertView.of(event.alert(), serverUrl))));
        int lost = dao.trimEvents(channel.id(), MAX_WAITING);
        if (lost > 0) {
            dao.lost(channel.id(), lost);
            log.warn(
                    "too many messages wait for a channel, the oldest are dropped channel={} lost={}",
                    channel.name(),
                    lost);
        }
    }

    /** Number of messages to all channels that wait, with what is not part of a message yet. */
    public long undelivered() {
        return db.read(handle -> handle.attach(DeliveryDao.class).countWaiting());
    }

    /** Adds a digest for a channel; nothing if it has been deleted. */
    public void digest(Handle tx, String channelId, DigestMessage digest) {
        if (tx.attach(ChannelDao.class).find(channelId).isPresent()) {
            insert(tx, channelId, DIGEST, MessageContent.of(digest, serverUrl + "/"), TRIED);
        }
    }

    /** Adds a ping for a run. */
    void run(Handle tx, String channelId, RunPing ping, String title, Duration tried) {
        insert(tx, channelId, RUN, MessageContent.of(ping, title), tried);
    }

    private String insert(Handle tx, String channelId, String kind, MessageContent content, Duration tried) {
        var id = db.newId();
        var now = clock.instant();
        var dao = tx.attach(DeliveryDao.class);
        dao.insert(id, channelId, kind, content.title(), StoredJson.write(content), now, now.plus(tried));
        dao.trimWaiting(channelId, MAX_WAITING, now);
        return id;
    }

    /**
     * Makes one message of all events that wait for a channel.
     *
     * @return empty if there are none
     */
    Optional<String> gather(Handle tx, String channelId) {
        var dao = tx.attach(DeliveryDao.class);
        var newest = dao.newestEvents(channelId, MAX_WAITING);
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        int more = dao.deleteEvents(channelId)
                - newest.size()
                + dao.losses(channelId).orElse(0);
        dao.forgetLosses(channelId);
        var events = new ArrayList<MessageContent.Event>();
        for (int i = newest.size() - 1; i >= 0; i--) {
            events.add(new MessageContent.Event(
                    state(newest.get(i).state()), StoredJson.read(newest.get(i).alert(), AlertView.class)));
        }
        return Optional.of(insert(tx, channelId, ALERTS, Wording.of(events, more, serverUrl + "/alerts"), TRIED));
    }

    private static AlertEvent.State state(String word) {
        return AlertEvent.State.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** Adds a test for a channel. */
    Test test(Handle tx, ChannelRow channel) {
        var now = clock.instant();
        String id;
        if (channel.channelKind().takesAlerts()) {
            var alert = new AlertView(
                    db.newId(),
                    AlertKind.CHANNEL_FAILING,
                    Severity.INFO,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    now,
                    now,
                    Optional.empty(),
                    "This is a test of the channel " + channel.name() + ". Nothing is wrong.",
                    "",
                    serverUrl + "/channels/" + channel.id(),
                    Optional.empty());
            var event = new MessageContent.Event(AlertEvent.State.TEST, alert);
            var content = new MessageContent(
                    Look.INFO,
                    "Test of the channel " + channel.name(),
                    alert.text(),
                    Optional.empty(),
                    alert.actionUrl(),
                    List.of(event),
                    0,
                    Optional.of(event),
                    Optional.empty());
            id = insert(tx, channel.id(), TEST, content, TEST_TRIED);
        } else {
            var ping = new RunPing("restic-fleet-test", "/log", new JobId(db.newId()));
            id = insert(
                    tx,
                    channel.id(),
                    "test",
                    MessageContent.of(ping, "Test of the channel " + channel.name()),
                    TEST_TRIED);
        }
        return new Test(id, tests.computeIfAbsent(id, none -> new CompletableFuture<>()));
    }

    /** A test that somebody waits for. */
    record Test(String deliveryId, CompletableFuture<SendResult> result) {}

    void forget(Test test) {
        tests.remove(test.deliveryId());
    }

    /** Ends the wait for a test. */
    void ended(String deliveryId, SendResult result) {
        Optional.ofNullable(tests.get(deliveryId)).ifPresent(waiting -> waiting.complete(result));
    }

    /** Deletes what was sent or given up long ago. */
    void expire(Instant before, int kept) {
        db.change(tx -> {
            var dao = tx.attach(DeliveryDao.class);
            dao.deleteEnded(before);
            tx.attach(ChannelDao.class).all().forEach(channel -> dao.trimEnded(channel.id(), kept));
        });
    }
}
