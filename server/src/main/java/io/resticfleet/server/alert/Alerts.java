package io.resticfleet.server.alert;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The alerts: compares the conditions that are true with those known, and tells listeners what is to be sent, in the
 * transaction that stores it. What is open follows the state of the fleet, not its events, so that a restart loses and
 * repeats nothing. Safe for use by many threads.
 */
public final class Alerts {

    /** Time between two looks. */
    public static final Duration EVERY = Duration.ofSeconds(5);

    /** Of a note. */
    static final int MAX_NOTE_LENGTH = 500;

    /** How long resolved alerts are kept. */
    static final Duration KEPT = Duration.ofDays(90);

    /** How many of them. */
    static final int MAX_KEPT = 10_000;

    /** Changes in one transaction, so that others can write in between. */
    private static final int AT_ONCE = 1_000;

    private final Database db;
    private final Audit audit;
    private final Silences silences;
    private final Looks looks;
    private final List<AlertListener> listeners;
    private final InstantSource clock;

    /** A copy of what is stored and not resolved; replaced, never changed. */
    private volatile Map<AlertKey, Known> known;

    private volatile List<Alert> open;

    /** Whether the last transaction failed, so that it may have been stored or not. */
    private boolean uncertain;

    /** Since the oldest were last deleted. */
    private int resolved;

    /**
     * @param sources asked at each look, in this order
     * @param listeners called in this order
     */
    public Alerts(
            Database db,
            Audit audit,
            Silences silences,
            List<ConditionSource> sources,
            List<AlertListener> listeners,
            InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.silences = silences;
        this.looks = new Looks(sources);
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        show(stored());
    }

    /** Looks at what is true now, and stores and announces what has changed. */
    public void check() {
        synchronized (looks) { // the result of an earlier look must not follow that of a later one
            var now = now();
            var look = looks.look(now);
            synchronized (this) {
                load();
                var steps = steps(look, now);
                for (int from = 0; from < steps.size(); from += AT_ONCE) {
                    apply(steps.subList(from, Math.min(steps.size(), from + AT_ONCE)), now);
                }
            }
        }
    }

    /** Most severe first: should the server stop halfway, the rest follows at the next look. */
    private List<Step> steps(Looks.Look look, Instant now) {
        var steps = new ArrayList<Step>();
        look.conditions().values().stream()
                .sorted(Comparator.comparing(Condition::severity).reversed())
                .map(condition ->
                        Step.seen(Optional.ofNullable(known.get(condition.key())), condition, now, silences, db::newId))
                .forEach(steps::add);
        known.values().stream()
                .filter(earlier ->
                        look.knowsOf(earlier.key()) && !look.conditions().containsKey(earlier.key()))
                .map(Step::gone)
                .forEach(steps::add);
        return steps.stream().filter(Step::changesAnything).toList();
    }

    private void apply(List<Step> steps, Instant now) {
        var after = new HashMap<>(known);
        steps.forEach(step -> step.after()
                .ifPresentOrElse(
                        state -> after.put(state.key(), state),
                        () -> after.remove(step.before().orElseThrow().key())));
        commit(after, tx -> {
            store(tx, steps, now);
            trim(tx, steps);
            var events =
                    steps.stream().flatMap(step -> event(step, now).stream()).toList();
            if (!events.isEmpty()) {
                listeners.forEach(listener -> listener.changed(tx, events));
            }
        });
    }

    private static void store(Handle tx, List<Step> steps, Instant now) {
        var dao = tx.attach(AlertDao.class);
        var added = new ArrayList<AlertDao.Row>();
        var changed = new ArrayList<AlertDao.Row>();
        var deleted = new ArrayList<String>();
        for (var step : steps) {
            if (step.before().isEmpty()) {
                added.add(AlertDao.Row.of(step.after().orElseThrow(), Optional.empty()));
            } else if (step.after().isPresent()) {
                changed.add(AlertDao.Row.of(step.after().get(), Optional.empty()));
            } else if (step.before().get().open()) {
                changed.add(AlertDao.Row.of(step.before().get(), Optional.of(now)));
            } else {
                deleted.add(step.before().get().id());
            }
        }
        dao.delete(deleted);
        dao.update(changed);
        dao.insert(added);
    }

    /** Conditions that come and go quickly must not fill the disk before the next {@link #expire}. */
    private void trim(Handle tx, List<Step> steps) {
        resolved += (int) steps.stream().filter(step -> step.after().isEmpty()).count();
        if (resolved >= AT_ONCE) {
            tx.attach(AlertDao.class).trimResolved(MAX_KEPT);
            resolved = 0;
        }
    }

    private static Optional<AlertEvent> event(Step step, Instant now) {
        return step.announced()
                .map(state -> new AlertEvent(
                        state,
                        step.after()
                                .map(after -> after.alert(Optional.empty()))
                                .orElseGet(() -> step.before().orElseThrow().alert(Optional.of(now)))));
    }

    /** Open alerts, the most severe first, of each severity the newest first. */
    public List<Alert> open() {
        return open;
    }

    /** How many are open, of each severity; without those of which there is none. */
    public Map<Severity, Integer> counts() {
        var counts = new EnumMap<Severity, Integer>(Severity.class);
        open.forEach(alert -> counts.merge(alert.severity(), 1, Integer::sum));
        return counts;
    }

    /** Open and resolved alerts, opened last first. */
    public Page<Alert> page(Page.Request request, AlertFilter filter) {
        var before = request.cursor().orElse(Page.AFTER_ALL_IDS);
        var rows = db.read(handle -> handle.attach(AlertDao.class).list(filter, before, request.limit() + 1));
        return Page.of(rows.stream().map(AlertDao.Row::alert).toList(), request, Alert::id);
    }

    /** @throws Problem 404 */
    public Alert get(String id) {
        return db.read(handle -> handle.attach(AlertDao.class).find(id))
                .map(AlertDao.Row::alert)
                .orElseThrow(() -> Problem.notFound("alert " + id));
    }

    /**
     * Notes that somebody knows of an open alert. Replaces an earlier acknowledgement.
     *
     * @param until reminders go on after this; absent for never
     * @throws Problem 400 {@code invalid_until} or {@code invalid_note}; 404; 409 {@code alert_resolved}
     */
    public Alert acknowledge(Actor actor, String id, Optional<Instant> until, Optional<String> note) {
        var now = now();
        if (until.filter(at -> !at.isAfter(now) || at.isAfter(now.plus(Duration.ofDays(3_650))))
                .isPresent()) {
            throw Problem.invalid(List.of(
                    new Violation("until", "invalid_until", "until must be in the future, by ten years at most")));
        }
        if (note.filter(text -> text.length() > MAX_NOTE_LENGTH).isPresent()) {
            throw Problem.invalid(List.of(new Violation(
                    "note", "invalid_note", "note must have at most " + MAX_NOTE_LENGTH + " characters")));
        }
        var acknowledgement = new Alert.Acknowledgement(
                now,
                actor.name(),
                until.map(at -> at.truncatedTo(ChronoUnit.MILLIS)),
                note.map(String::strip).filter(text -> !text.isEmpty()));
        synchronized (this) {
            return change(actor, "alert.acknowledge", requireOpen(id).acknowledged(acknowledgement));
        }
    }

    /**
     * Takes an acknowledgement back, if there is one: reminders go on.
     *
     * @throws Problem 404; 409 {@code alert_resolved}
     */
    public synchronized Alert unacknowledge(Actor actor, String id) {
        var before = requireOpen(id);
        return before.acknowledged().isEmpty()
                ? before.alert(Optional.empty())
                : change(actor, "alert.unacknowledge", before.unacknowledged());
    }

    private Known requireOpen(String id) {
        load();
        return known.values().stream()
                .filter(earlier -> earlier.open() && earlier.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problem.conflict(
                        "alert_resolved",
                        "the alert is over since " + get(id).resolvedAt().orElseGet(this::now)));
    }

    private Alert change(Actor actor, String action, Known changed) {
        var after = new HashMap<>(known);
        after.put(changed.key(), changed);
        commit(after, tx -> {
            tx.attach(AlertDao.class).update(List.of(AlertDao.Row.of(changed, Optional.empty())));
            audit.record(tx, actor, action, changed.id(), detail(changed));
        });
        return changed.alert(Optional.empty());
    }

    private static Map<String, ?> detail(Known changed) {
        var detail = new HashMap<String, Object>(
                Map.of("kind", changed.kind().word(), "about", changed.key().value()));
        changed.acknowledged().map(Known.Acknowledged::what).ifPresent(what -> {
            what.until().ifPresent(until -> detail.put("until", until.toString()));
            what.note().ifPresent(note -> detail.put("note", note));
        });
        return detail;
    }

    /** Deletes resolved alerts that are old, or too many. */
    public void expire() {
        db.change(tx -> {
            var dao = tx.attach(AlertDao.class);
            dao.deleteResolved(now().minus(KEPT));
            dao.trimResolved(MAX_KEPT);
        });
    }

    /** Stores a change, and shows it before the commit is signalled to open pages. */
    private void commit(Map<AlertKey, Known> after, Consumer<Handle> change) {
        var before = known;
        try {
            db.change(tx -> {
                change.accept(tx);
                show(after);
            });
        } catch (RuntimeException e) {
            show(before);
            uncertain = true;
            throw e;
        }
    }

    private void load() {
        if (uncertain) {
            show(stored());
            uncertain = false;
        }
    }

    private Map<AlertKey, Known> stored() {
        var rows = db.read(handle -> handle.attach(AlertDao.class).unresolved());
        var all = new HashMap<AlertKey, Known>();
        rows.forEach(row -> all.put(new AlertKey(row.key()), row.known()));
        return all;
    }

    private void show(Map<AlertKey, Known> now) {
        known = now;
        open = sorted(now.values());
    }

    private static List<Alert> sorted(Collection<Known> all) {
        return all.stream()
                .filter(Known::open)
                .map(one -> one.alert(Optional.empty()))
                .sorted(Comparator.comparing(Alert::severity)
                        .thenComparing(Alert::id)
                        .reversed())
                .toList();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
