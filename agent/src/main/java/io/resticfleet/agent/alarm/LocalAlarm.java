package io.resticfleet.agent.alarm;

import io.resticfleet.agent.policy.OwnersAlarm;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Limit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Tells the owner that this machine has not reached its server for long, or that a backup failed meanwhile: once, again each
 * day, and once when it is over. Kept through restarts. Has no thread but while it tells. Safe for use by many threads.
 */
public final class LocalAlarm {

    private static final System.Logger log = System.getLogger(LocalAlarm.class.getName());
    private static final String FILE = "alarm.json";

    /** A server that is away for less may just restart: it learns of a failed backup when it is back. */
    private static final Duration AWAY = Duration.ofMinutes(10);

    private static final Duration AGAIN = Duration.ofDays(1);
    private static final Duration LOOK = Duration.ofSeconds(10);

    /** Ticks come each few seconds: after a longer time the machine was asleep, or its clock was set. */
    private static final Duration ASLEEP = Duration.ofMinutes(2);

    private static final Duration RETRY = Duration.ofMinutes(10);

    /** How old the stored time of the last contact may be while connected; each update costs a flush to disk. */
    private static final Duration CONTACT_STORED = Duration.ofHours(1);

    /**
     * Content of the file.
     *
     * @param contact when the server was last connected; of a machine that never was, when it was first looked for
     * @param failure the first backup that failed since then, in words
     * @param told when the owner was last told of the problem; absent if there is none, or it is over and told
     */
    record Stored(Instant contact, Optional<String> failure, Optional<Instant> told) {}

    private final StateDirectory state;
    private final PolicyFile policy;
    private final String server;
    private final String hostname;
    private final BooleanSupplier connected;
    private final BooleanSupplier deleted;
    private final AlarmSender sender;
    private final Threads threads;
    private final InstantSource clock;
    private Stored stored;
    private Instant contact;
    private Instant awakeSince = Instant.MAX;
    private Instant tickedAt = Instant.MAX;
    private Instant notBefore = Instant.MIN;
    private boolean telling;

    /**
     * @param server its address
     * @param hostname of this machine
     * @param connected whether the server is connected now
     * @param deleted whether the server has deleted or replaced this machine, which makes no backups since then
     */
    public LocalAlarm(
            StateDirectory state,
            PolicyFile policy,
            String server,
            String hostname,
            BooleanSupplier connected,
            BooleanSupplier deleted,
            HttpClient client,
            Threads threads,
            InstantSource clock) {
        this.state = state;
        this.policy = policy;
        this.server = server;
        this.hostname = hostname;
        this.connected = connected;
        this.deleted = deleted;
        this.sender = new AlarmSender(client);
        this.threads = threads;
        this.clock = clock;
        read().ifPresentOrElse(
                        before -> stored = before,
                        () -> store(new Stored(clock.instant(), Optional.empty(), Optional.empty())));
        this.contact = stored.contact();
    }

    private Optional<Stored> read() {
        try {
            return state.readJson(FILE, Stored.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.WARNING, "when the server was last reached is not known: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return Optional.empty();
        }
    }

    /** Records that a backup failed, in words; without effect while the server is there to learn of it. */
    public synchronized void failed(String failure) {
        if (stored.failure().isEmpty() && isAway(clock.instant())) {
            var words = Limit.cut(failure.replaceAll("\\p{Cntrl}", " "), Limit.LINE);
            // told again now: the owner knows of the server only
            store(new Stored(contact, Optional.of(words), stored.told().map(at -> Instant.EPOCH)));
        }
    }

    /** Looks whether there is something to tell. */
    public synchronized void tick() {
        var now = clock.instant();
        if (tickedAt.isAfter(now) || tickedAt.plus(ASLEEP).isBefore(now)) {
            awakeSince = now;
        }
        tickedAt = now;
        if (connected.getAsBoolean()) {
            contact = now;
            if (stored.failure().isPresent()
                    || !stored.contact().plus(CONTACT_STORED).isAfter(now)
                    || stored.contact().isAfter(now)) {
                store(new Stored(now, Optional.empty(), stored.told()));
            }
        } else if (stored.contact().isBefore(contact)) {
            store(new Stored(contact, stored.failure(), stored.told()));
        }
        if (!telling && (!now.isBefore(notBefore) || now.plus(RETRY).isBefore(notBefore))) {
            notBefore = now.plus(LOOK);
            look(now);
        }
    }

    /** Whether the server has been away for a while in which this machine was awake and could have reached it. */
    private boolean isAway(Instant now) {
        return !connected.getAsBoolean()
                && !now.isBefore(awakeSince)
                && now.isAfter(awakeSince.plus(AWAY))
                && now.isAfter(lastContact(now).plus(AWAY));
    }

    /** A contact in the future is by a clock that was ahead, or the clock is behind, as before it is set after a start. */
    private Instant lastContact(Instant now) {
        return contact.isAfter(now) ? awakeSince : contact;
    }

    private void look(Instant now) {
        boolean isDeleted = deleted.getAsBoolean();
        if (isDeleted
                ? stored.told().isPresent()
                : connected.getAsBoolean() ? stored.told().isEmpty() : isTold(now)) {
            return;
        }
        var alarm = policy.alarm();
        if (alarm.isEmpty()) {
            return;
        }
        if (isDeleted) {
            tell(alarm.get(), AlarmState.ALARM, deleted(), now);
        } else if (connected.getAsBoolean()) {
            tell(alarm.get(), AlarmState.OVER, over(), now);
        } else if (isAway(now)
                && (stored.failure().isPresent()
                        || !now.isBefore(
                                lastContact(now).plus(alarm.get().after().duration())))) {
            tell(alarm.get(), AlarmState.ALARM, problem(now), now);
        }
    }

    /** Whether the owner was told within a day. */
    private boolean isTold(Instant now) {
        return stored.told()
                .filter(at -> at.plus(AGAIN).isAfter(now) && !at.isAfter(now))
                .isPresent();
    }

    private void tell(OwnersAlarm alarm, AlarmState what, String text, Instant now) {
        telling = true;
        threads.start("alarm", () -> {
            try {
                sender.send(alarm, what, text);
                told(what, now);
            } catch (IOException | RuntimeException e) {
                log.log(Level.ERROR, "the owner could not be told, trying again soon: " + e.getMessage());
                failedToTell(now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized void told(AlarmState what, Instant now) {
        telling = false;
        log.log(Level.INFO, "the owner was told state=" + what.word());
        store(new Stored(stored.contact(), stored.failure(), Optional.of(now).filter(at -> what == AlarmState.ALARM)));
    }

    private synchronized void failedToTell(Instant now) {
        telling = false;
        notBefore = now.plus(RETRY);
    }

    private void store(Stored next) {
        stored = next;
        try {
            state.writeJson(FILE, next);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "the time of the last contact cannot be stored: " + e.getMessage());
        }
    }

    private String problem(Instant now) {
        return hostname + " has not reached its backup server " + server + " since "
                + lastContact(now).truncatedTo(ChronoUnit.MINUTES) + " ("
                + length(Duration.between(lastContact(now), now)) + "). "
                + stored.failure()
                        .map(failure -> "Meanwhile " + failure + ". ")
                        .orElse("Its backups go on without it, but nobody learns there if one fails. ")
                + "Look at the server and the network, or run on the machine: restic-fleet-agent doctor";
    }

    private String deleted() {
        return hostname + " makes no backups any more: its backup server " + server
                + " has deleted or replaced it. If that is" + " not meant, enrol the machine again";
    }

    private String over() {
        return "Over: " + hostname + " has reached its backup server " + server
                + " again; what happened meanwhile is shown" + " there";
    }

    private static String length(Duration time) {
        return time.toHours() < 48 ? Math.max(1, time.toHours()) + " h" : time.toDays() + " days";
    }
}
