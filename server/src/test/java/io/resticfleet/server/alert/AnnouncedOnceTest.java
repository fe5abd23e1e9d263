package io.resticfleet.server.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.SettableClock;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.FaultyConnections;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;

/**
 * Random conditions, silences, acknowledgements, restarts and failures of the disk: each state is announced once, nothing is
 * lost, and what opens resolves before it opens again. {@code -Dalerts.seed=} repeats one sequence.
 */
@Tag("slow")
class AnnouncedOnceTest {

    private static final int SEQUENCES = 1_000;
    private static final int STEPS = 20;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration GRACE = Duration.ofMinutes(10);
    private static final Actor ANNA = Actor.local("anna");
    private static final List<HostId> HOSTS =
            List.of(new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAW"));

    @TempDir
    Path directory;

    /** What is true, since when, as the sequence has it. */
    private final Map<AlertKey, Condition> truth =
            new TreeMap<>((one, other) -> one.value().compareTo(other.value()));

    private final Set<AlertKey> unknown = new HashSet<>();
    private final Set<HostId> silent = new HashSet<>();
    private final SettableClock clock = new SettableClock(START);
    private final FaultyConnections faults = new FaultyConnections();
    private Database db;
    private Alerts alerts;
    private long total;
    private long refused;

    /** As a channel's outbox stores it, in the transaction of the alerts. */
    private record Announced(
            String key, String alertId, String state, String severity, Instant at, boolean silent, boolean known) {}

    @BeforeEach
    void open() {
        db = faults.open(directory, clock);
        db.change(tx -> tx.execute("CREATE TABLE announced (n INTEGER PRIMARY KEY, key TEXT, alert_id TEXT, state TEXT,"
                + " severity TEXT, at INTEGER, silent INTEGER, known INTEGER)"));
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void each_state_is_announced_once_whenever_the_server_is_killed() {
        var only = Optional.ofNullable(Long.getLong("alerts.seed"));
        for (long seed = only.orElse(1L); seed <= only.orElse((long) SEQUENCES); seed++) {
            run(seed);
        }
        System.out.printf("%,d sequences, %,d messages, %,d failed commits%n", SEQUENCES, total, refused);
        if (only.isEmpty()) {
            assertThat(total).isGreaterThan(SEQUENCES);
            assertThat(refused).isGreaterThan(SEQUENCES / 2);
        }
    }

    private void run(long seed) {
        var random = new Random(seed);
        db.change(tx -> {
            tx.execute("DELETE FROM announced");
            tx.execute("DELETE FROM alerts");
        });
        truth.clear();
        unknown.clear();
        silent.clear();
        restart();
        for (int step = 0; step < STEPS; step++) {
            change(random);
            clock.advance(pause(random));
            boolean stored = check(random);
            if (stored) {
                verify("seed " + seed + ", step " + step);
            }
        }
        truth.clear();
        unknown.clear();
        silent.clear();
        alerts.check();
        verify("seed " + seed + ", the end");
        assertThat(alerts.open()).isEmpty();
        assertThat(last())
                .as("seed %s", seed)
                .allSatisfy((key, event) -> assertThat(event.state()).isEqualTo("resolved"));
        total += announced().size();
    }

    /** A server that starts on what the one before has left. */
    private void restart() {
        alerts = new Alerts(
                db,
                new Audit(db, clock),
                (hostId, now) -> silent.contains(hostId),
                List.of(now -> new Findings(
                        truth.values().stream()
                                .filter(condition -> !unknown.contains(condition.key()))
                                .toList(),
                        Set.copyOf(unknown))),
                List.of(this::store),
                clock);
    }

    private void store(Handle tx, List<AlertEvent> events) {
        for (var event : events) {
            var alert = event.alert();
            tx.execute(
                    "INSERT INTO announced (key, alert_id, state, severity, at, silent, known) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    alert.key().value(),
                    alert.id(),
                    event.state().word(),
                    alert.severity().word(),
                    clock.instant().toEpochMilli(),
                    silent.containsAll(alert.subject().concerns()) ? 1 : 0,
                    unknown.contains(alert.key()) ? 0 : 1);
        }
    }

    private void change(Random random) {
        var key = AlertKey.host(HOSTS.get(random.nextInt(2)), random.nextBoolean() ? "offline" : "clock");
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> truth.put(key, condition(key, random));
            case 3, 4 -> truth.remove(key);
            case 5 -> toggle(silent, HOSTS.get(random.nextInt(2)));
            case 6 -> toggle(unknown, key);
            default -> acknowledge(random);
        }
    }

    private static <T> void toggle(Set<T> set, T element) {
        if (!set.remove(element)) {
            set.add(element);
        }
    }

    private void acknowledge(Random random) {
        var open = alerts.open();
        if (!open.isEmpty()) {
            acknowledge(open.get(random.nextInt(open.size())).id(), random);
        }
    }

    private void acknowledge(String id, Random random) {
        try {
            if (random.nextInt(3) == 0) {
                alerts.unacknowledge(ANNA, id);
            } else {
                var until = random.nextBoolean()
                        ? Optional.of(clock.instant().plus(Duration.ofHours(1 + random.nextInt(72))))
                        : Optional.<Instant>empty();
                alerts.acknowledge(ANNA, id, until, Optional.empty());
            }
        } catch (Problem e) {
            assertThat(e.code()).isEqualTo("alert_resolved"); // by a look whose commit seemed to fail
        }
    }

    private Condition condition(AlertKey key, Random random) {
        var hostId = HOSTS.get(key.value().contains(HOSTS.get(0).value()) ? 0 : 1);
        var before = Optional.ofNullable(truth.get(key));
        return new Condition(
                key,
                AlertKind.HOST_OFFLINE,
                Severity.values()[random.nextInt(3)],
                new Subject(Optional.empty(), Optional.empty(), Optional.empty(), List.of(hostId), List.of()),
                before.map(Condition::since).orElse(clock.instant()),
                GRACE,
                "It is offline.",
                "",
                "/",
                Condition.DAILY);
    }

    private static Duration pause(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Duration.ofSeconds(5);
            case 1 -> Duration.ofMinutes(6);
            case 2 -> GRACE;
            default -> Duration.ofHours(1 + random.nextInt(40));
        };
    }

    /** Looks, perhaps with a failure at some call, or killed in the middle; returns whether it looked to the end. */
    private boolean check(Random random) {
        int weather = random.nextInt(8);
        int call = 1 + random.nextInt(8);
        if (weather == 0) {
            faults.failFrom(call, 1, SQLiteErrorCode.SQLITE_IOERR);
        } else if (weather == 1) {
            faults.failAfter(call, SQLiteErrorCode.SQLITE_IOERR_FSYNC);
        } else if (weather == 2) {
            restart();
        }
        boolean stored = true;
        try {
            alerts.check();
        } catch (StorageRefused e) {
            stored = false;
            refused++;
        }
        faults.mend();
        db.probe();
        if (!stored && random.nextBoolean()) {
            restart(); // killed between the look and the commit, or just after the commit
        }
        return stored;
    }

    private void verify(String when) {
        alternates(when);
        nothingIsMissing(when);
        var stored = alerts.page(new Page.Request(1_000, Optional.empty()), AlertFilter.ALL).items().stream()
                .filter(Alert::open)
                .toList();
        assertThat(alerts.open()).as(when).containsExactlyInAnyOrderElementsOf(stored);
    }

    /** By the messages of each key: what a person can expect of them. */
    private void alternates(String when) {
        var open = new TreeMap<String, Announced>();
        var ids = new HashSet<String>();
        for (var event : announced()) {
            var before = open.get(event.key());
            assertThat(event.known()).as(when).isTrue();
            switch (event.state()) {
                case "open" -> {
                    assertThat(before).as(when).isNull();
                    assertThat(ids.add(event.alertId())).as(when).isTrue();
                }
                case "escalated" -> assertThat(severity(event)).as(when).isNotEqualTo(Severity.INFO);
                case "reminder" ->
                    assertThat(Duration.between(before.at(), event.at()))
                            .as(when)
                            .isGreaterThanOrEqualTo(Condition.DAILY);
                default -> assertThat(event.state()).as(when).isEqualTo("resolved");
            }
            if (event.state().equals("resolved")) {
                open.remove(event.key());
            } else {
                assertThat(event.silent()).as(when).isFalse();
                open.put(event.key(), event);
            }
            if (!event.state().equals("open")) {
                assertThat(before).as(when).isNotNull();
                assertThat(before.alertId()).as(when).isEqualTo(event.alertId());
            }
        }
    }

    /** What is true for longer than its grace is open and, unless somebody knows or wants silence, announced. */
    private void nothingIsMissing(String when) {
        var open = alerts.open();
        for (var condition : truth.values()) {
            if (unknown.contains(condition.key())
                    || condition.since().plus(GRACE).isAfter(clock.instant())) {
                continue;
            }
            var alert = open.stream()
                    .filter(one -> one.key().equals(condition.key()))
                    .findFirst();
            assertThat(alert).as(when).isPresent();
            assertThat(alert.get().severity()).as(when).isEqualTo(condition.severity());
            if (alert.get().acknowledged().isEmpty()
                    && !silent.containsAll(condition.subject().concerns())) {
                var last = last().get(condition.key().value());
                assertThat(last).as(when).isNotNull();
                assertThat(last.alertId()).as(when).isEqualTo(alert.get().id());
                assertThat(severity(last)).as(when).isGreaterThanOrEqualTo(condition.severity());
                assertThat(last.at().plus(Condition.DAILY)).as(when).isAfter(clock.instant());
            }
        }
        for (var event : last().values()) {
            boolean gone =
                    !truth.containsKey(new AlertKey(event.key())) && !unknown.contains(new AlertKey(event.key()));
            assertThat(gone && !event.state().equals("resolved")).as(when).isFalse();
        }
    }

    private static Severity severity(Announced event) {
        return Severity.of(event.severity());
    }

    /** By key, the last message. */
    private Map<String, Announced> last() {
        var last = new TreeMap<String, Announced>();
        announced().forEach(event -> last.put(event.key(), event));
        return last;
    }

    private List<Announced> announced() {
        return new ArrayList<>(db.read(handle -> handle.createQuery("SELECT * FROM announced ORDER BY n")
                .mapTo(Announced.class)
                .list()));
    }
}
