package io.resticfleet.server.channel;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.channel.RunEventDao.RunEvent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Tokens;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/** Passes runs of schedules on to channels that take pings, in the order in which they were stored. */
public final class RunPings {

    private static final int MAX_SLUG = 100;

    /** Time between two looks for runs. */
    public static final Duration EVERY = Duration.ofSeconds(5);

    /** A start that is older says nothing any more: the end is known soon, or somebody is told that it is late. */
    private static final Duration START_TRIED = Duration.ofMinutes(10);

    private static final int AT_ONCE = 500;

    private final Database db;
    private final Outbox outbox;
    private final InstantSource clock;

    public RunPings(Database db, Outbox outbox, InstantSource clock) {
        this.db = db;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** Makes pings of what has happened since the last call. */
    public void check() {
        while (db.read(handle -> handle.attach(RunEventDao.class).any())) {
            db.change(this::pass);
        }
    }

    private void pass(Handle tx) {
        var dao = tx.attach(RunEventDao.class);
        dao.deleteOfNoHost();
        var events = dao.first(AT_ONCE);
        if (events.isEmpty()) {
            return;
        }
        var channels = tx.attach(ChannelDao.class).all().stream()
                .filter(channel -> !channel.channelKind().takesAlerts())
                .toList();
        events.forEach(event -> pass(tx, channels, event));
        dao.deleteUpTo(events.get(events.size() - 1).id());
    }

    private void pass(Handle tx, List<ChannelRow> channels, RunEvent event) {
        boolean starts = event.status() == JobStatus.RUNNING;
        if (starts && event.startedAt().filter(this::isLongAgo).isPresent()) {
            return;
        }
        var signal = starts ? "/start" : event.status() == JobStatus.SUCCEEDED ? "" : "/fail";
        var slug = slug(event.host(), event.schedule().orElse("deleted"));
        var title = event.host() + ", " + event.schedule().orElse("deleted schedule") + ": "
                + event.status().word();
        channels.stream()
                .filter(channel -> concerns(channel, event))
                .forEach(channel -> outbox.run(
                        tx,
                        channel.id(),
                        new RunPing(slug, signal, event.jobId()),
                        title,
                        starts ? START_TRIED : Outbox.TRIED));
    }

    private boolean isLongAgo(Instant start) {
        return start.plus(START_TRIED).isBefore(clock.instant());
    }

    private static boolean concerns(ChannelRow channel, RunEvent event) {
        return (channel.hosts().isEmpty() || channel.hosts().contains(event.hostId()))
                && (channel.tags().isEmpty()
                        || event.tags().orElse(List.of()).stream().anyMatch(channel.tags()::contains));
    }

    /**
     * Of small letters, digits and hyphens, as Healthchecks wants it; the same for the same names. Names that it does not
     * show whole are told apart by a checksum, as two schedules must not ping one check.
     */
    static String slug(String host, String schedule) {
        var plain = plain(host + "-" + schedule);
        boolean whole = host.matches("[A-Za-z0-9]+") && schedule.matches("[A-Za-z0-9]+") && plain.length() <= MAX_SLUG;
        return whole
                ? plain
                : plain(plain.substring(0, Math.min(plain.length(), MAX_SLUG - 9)) + "-"
                        + Tokens.sha256(host + "\n" + schedule).substring(0, 8));
    }

    private static String plain(String names) {
        return Normalizer.normalize(names, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
    }
}
