package io.resticfleet.faults.alert;

import io.resticfleet.faults.alert.Truth.Level;
import io.resticfleet.faults.alert.Truth.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares what the channels received with the {@link Truth}. */
final class AlertChecker {

    /** From the end of a condition's grace, or its own end, to the change of its alert, while the server works. */
    private static final Duration NOTICED = Duration.ofSeconds(60);

    /** From the change of an alert to its message, while the channel works and has nothing else to send. */
    private static final Duration SENT = Duration.ofSeconds(75);

    private static final Duration BETWEEN = Duration.ofSeconds(60);
    private static final Duration EARLY = Duration.ofMinutes(2);
    private static final Duration DAY = Duration.ofDays(1);

    record Result(String figures, List<String> failures) {}

    /** What one channel was told about one alert. */
    private record Told(Instant at, String deliveryId, Inbox.Event event) {}

    private final Instant end;
    private final AlertServer server;
    private final Inbox inbox;
    private final Map<String, List<Segment>> truth;
    private final Map<String, List<AlertYear.Span>> silences;
    private final Map<String, List<AlertYear.Span>> acknowledged;
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int conditions;
    private int repeats;
    private Duration latest = Duration.ZERO;

    AlertChecker(
            Instant end,
            AlertServer server,
            Inbox inbox,
            Map<String, List<Segment>> truth,
            Map<String, List<AlertYear.Span>> silences,
            Map<String, List<AlertYear.Span>> acknowledged) {
        this.end = end;
        this.server = server;
        this.inbox = inbox;
        this.truth = truth;
        this.silences = silences;
        this.acknowledged = acknowledged;
    }

    Result check(int hosts) {
        var alerts = new HashSet<String>();
        int messages = 0;
        for (var channel : List.of(AlertYear.ALL, AlertYear.SEVERE)) {
            var here = inbox.messages().stream()
                    .filter(message -> message.channel().equals(channel))
                    .toList();
            pace(channel, here);
            messages += (int) here.stream().filter(Inbox.Message::delivered).count();
            var told = told(channel, here);
            alerts.addAll(told.keySet());
            told.forEach((id, all) -> sequence(channel, id, all));
            compare(channel, told);
        }
        var figures = hosts + " hosts, " + conditions + " conditions, " + alerts.size() + " alerts, " + messages
                + " messages, " + repeats + " of them again, " + server.kills() + " kills, " + inbox.deaths()
                + " of them between sending and noting, " + server.looks() + " looks, " + server.refusals()
                + " refusals of a full disk; failures: " + counts + "; the latest message "
                + latest.toSeconds() + " s after its time";
        return new Result(figures, failures);
    }

    private void failed(String what, String channel, Instant at, String detail) {
        counts.merge(what, 1, Integer::sum);
        if (counts.get(what) <= 20) {
            failures.add(what + " [" + channel + "] " + at + " " + detail);
        }
    }

    /** At most one message a minute; repetitions keep their id and content. */
    private void pace(String channel, List<Inbox.Message> here) {
        var first = new HashMap<String, Inbox.Message>();
        var last = Instant.MIN;
        for (var message : here) {
            if (!last.equals(Instant.MIN)
                    && Duration.between(last, message.at()).compareTo(BETWEEN) < 0) {
                failed(
                        "too fast",
                        channel,
                        message.at(),
                        message.deliveryId() + " " + Duration.between(last, message.at()));
            }
            last = message.at();
            var before = first.putIfAbsent(message.deliveryId(), message);
            if (before == null) {
                continue;
            }
            if (message.attempt() <= 1) {
                failed("repeat without a number", channel, message.at(), message.deliveryId());
            }
            if (!before.events().equals(message.events())) {
                failed("repeat differs", channel, message.at(), message.deliveryId());
            }
            if (before.delivered() && message.delivered()) {
                repeats++;
            }
        }
    }

    private Map<String, List<Told>> told(String channel, List<Inbox.Message> here) {
        var told = new LinkedHashMap<String, List<Told>>();
        var seen = new HashSet<String>();
        for (var message : here) {
            if (message.delivered() && seen.add(message.deliveryId())) {
                if (message.cut() > 0) {
                    failed("cut", channel, message.at(), message.deliveryId());
                }
                message.events()
                        .forEach(event -> told.computeIfAbsent(event.alertId(), none -> new ArrayList<>())
                                .add(new Told(message.at(), message.deliveryId(), event)));
            }
        }
        return told;
    }

    /** Opened, escalated at most once, reminded, resolved. */
    private void sequence(String channel, String alertId, List<Told> all) {
        boolean opened = false;
        boolean escalated = false;
        boolean resolved = false;
        var last = Instant.MIN;
        for (var one : all) {
            var state = one.event().state();
            boolean wrong = switch (state) {
                case "open" -> opened || resolved;
                // a channel for severe alerts hears of an escalation first
                case "escalated" -> escalated || resolved || !opened && channel.equals(AlertYear.ALL);
                case "reminder" -> resolved || !opened && !escalated && channel.equals(AlertYear.ALL);
                case "resolved" -> resolved || !opened && !escalated;
                default -> true;
            };
            if (wrong) {
                failed("wrong order", channel, one.at(), state + " of " + one.event());
            }
            if (state.equals("reminder")
                    && !last.equals(Instant.MIN)
                    && isClear(channel, last)
                    && Duration.between(last, one.at()).compareTo(DAY.minusHours(1)) < 0) {
                failed("early reminder", channel, one.at(), one.event().toString());
            }
            if (state.equals("reminder") && isAcknowledged(alertId, one, all)) {
                failed(
                        "reminder of an acknowledged alert",
                        channel,
                        one.at(),
                        one.event().toString());
            }
            opened |= state.equals("open");
            escalated |= state.equals("escalated");
            resolved |= state.equals("resolved");
            last = one.at();
            if (!state.equals("resolved")
                    && isSilent(one.event().key(), one.at().minus(Duration.ofMinutes(5)), one.at())
                    && isClear(channel, one.at())) {
                failed("while silenced", channel, one.at(), one.event().toString());
            }
        }
    }

    private boolean isAcknowledged(String alertId, Told reminder, List<Told> all) {
        return acknowledged.getOrDefault(alertId, List.of()).stream()
                        .anyMatch(span -> span.from().isBefore(reminder.at().minus(Duration.ofMinutes(5)))
                                && all.stream()
                                        .noneMatch(one -> one.event().state().equals("escalated")
                                                && one.at().isAfter(span.from())
                                                && one.at().isBefore(reminder.at())))
                && isClear(AlertYear.ALL, reminder.at());
    }

    private boolean isClear(String channel, Instant at) {
        var from = at.minus(Duration.ofMinutes(5));
        return !both(channel, from, Duration.ofMinutes(5)).isAfter(at);
    }

    /** Whether a silence lasts from {@code from} to {@code until}. */
    private boolean isSilent(String key, Instant from, Instant until) {
        return spans(key).stream()
                .anyMatch(span -> !span.from().isAfter(from) && !span.until().isBefore(until));
    }

    private List<AlertYear.Span> spans(String key) {
        return silences.getOrDefault(hosts.computeIfAbsent(key, this::hostOf), List.of());
    }

    private final Map<String, String> hosts = new HashMap<>();

    /** Machines are found by the ids of their schedules. */
    void schedule(String key, String hostId) {
        hosts.put(key, hostId);
    }

    private String hostOf(String key) {
        return key.startsWith("host/") ? key.split("/")[1] : "";
    }

    /** The first time at which server and channel have worked for so long since then. */
    private Instant both(String channel, Instant from, Duration length) {
        var at = from;
        while (!at.equals(Instant.MAX)) {
            var one = server.working().after(at, length);
            if (one.equals(Instant.MAX)) {
                return one;
            }
            var other = inbox.working(channel).after(one.minus(length), length);
            if (other.equals(one)) {
                return one;
            }
            at = other.equals(Instant.MAX) ? other : other.minus(length);
        }
        return at;
    }

    /** When a message about a change at that time has to have arrived. */
    private Instant latest(String channel, Instant change) {
        var noticed = server.working().after(change, NOTICED);
        return noticed.equals(Instant.MAX) ? noticed : both(channel, noticed, SENT.plus(BETWEEN));
    }

    private void compare(String channel, Map<String, List<Told>> told) {
        var byKey = new HashMap<String, List<List<Told>>>();
        told.values()
                .forEach(all -> byKey.computeIfAbsent(all.get(0).event().key(), none -> new ArrayList<>())
                        .add(all));
        byKey.forEach((key, alerts) -> {
            if (!key.startsWith("server/")) {
                alerts.forEach(all -> justified(channel, key, all));
            }
        });
        truth.forEach((key, segments) -> spells(channel, segments)
                .forEach(spell -> announced(channel, key, spell, byKey.getOrDefault(key, List.of()))));
    }

    /**
     * A time in which something was wrong without interruption.
     *
     * @param severeUntil end of what a channel for critical alerts is to be told
     */
    private record Spell(Instant from, Instant until, Instant opensAt, Instant severeUntil, String what) {}

    private List<Spell> spells(String channel, List<Segment> segments) {
        var spells = new ArrayList<Spell>();
        for (int i = 0; i < segments.size(); i++) {
            var first = segments.get(i);
            var until = first.until();
            var opensAt = opensAt(channel, first);
            var severeUntil = first.until();
            var what = new StringBuilder(first.what());
            while (i + 1 < segments.size() && segments.get(i + 1).from().equals(until)) {
                i++;
                var next = segments.get(i);
                var opens = opensAt(channel, next);
                if (opens.isPresent()
                        && opensAt.filter(at -> !at.isAfter(opens.get())).isEmpty()) {
                    opensAt = opens;
                    severeUntil = next.until();
                } else if (opens.isPresent() && next.from().equals(severeUntil)) {
                    severeUntil = next.until();
                }
                until = next.until();
                what.append(", ").append(next.from()).append(' ').append(next.what());
            }
            if (opensAt.isPresent()) {
                spells.add(new Spell(
                        first.from(),
                        until,
                        opensAt.get(),
                        channel.equals(AlertYear.ALL) ? until : severeUntil,
                        what.toString()));
            }
        }
        return spells;
    }

    /** When it is to be an alert for a channel, if it lasts. */
    private static Optional<Instant> opensAt(String channel, Segment segment) {
        if (channel.equals(AlertYear.SEVERE) && segment.level() != Level.CRITICAL
                || !segment.opensAt().isBefore(segment.until())) {
            return Optional.empty();
        }
        return Optional.of(segment.opensAt().isAfter(segment.from()) ? segment.opensAt() : segment.from());
    }

    /** Everything that is wrong for long enough is told, and its end. */
    private void announced(String channel, String key, Spell spell, List<List<Told>> alerts) {
        if (channel.equals(AlertYear.ALL)) {
            conditions++;
        }
        var from = spell.opensAt();
        for (var span : spans(key)) {
            if (!span.from().isAfter(from.plus(EARLY)) && span.until().isAfter(from)) {
                from = span.until();
            }
        }
        if (from.equals(Instant.MAX)) {
            return;
        }
        var due = latest(channel, from);
        if (due.isAfter(end)) {
            return;
        }
        var found = alerts.stream()
                .filter(all ->
                        all.get(0).event().openedAt().isBefore(spell.until().plus(EARLY))
                                && !all.get(0).at().isAfter(due)
                                && ends(all).isAfter(spell.opensAt()))
                .findFirst();
        if (due.isBefore(spell.severeUntil())) {
            if (found.isEmpty()) {
                boolean late = alerts.stream()
                        .anyMatch(all -> !all.get(0).event().openedAt().isBefore(spell.from())
                                && all.get(0).event().openedAt().isBefore(spell.until()));
                failed(late ? "late" : "lost", channel, due, key + " " + spell);
            } else if (found.get().get(0).at().isAfter(from)) {
                var delay = Duration.between(from, found.get().get(0).at());
                if (both(channel, from, delay).equals(from.plus(delay)) && delay.compareTo(latest) > 0) {
                    latest = delay;
                }
            }
        }
        var ended = latest(channel, spell.until());
        boolean againBefore = spellsAgain(key, spell.until(), ended);
        found.filter(all -> !ended.isAfter(end) && !againBefore && ends(all).isAfter(ended))
                .ifPresent(all -> failed(
                        "not resolved",
                        channel,
                        ended,
                        key + " " + spell + " " + all.get(0).event()));
        found.ifPresent(all -> reminders(channel, key, spell, all));
    }

    private boolean spellsAgain(String key, Instant from, Instant until) {
        return truth.get(key).stream()
                .anyMatch(segment ->
                        !segment.from().isBefore(from) && segment.from().isBefore(until));
    }

    private static Instant ends(List<Told> all) {
        var last = all.get(all.size() - 1);
        return last.event().state().equals("resolved") ? last.at() : Instant.MAX;
    }

    /** As long as it lasts, once a day. */
    private void reminders(String channel, String key, Spell spell, List<Told> all) {
        var alertId = all.get(0).event().alertId();
        if (key.endsWith("/paused")
                || acknowledged.containsKey(alertId)
                || !spans(key).isEmpty()) {
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).event().state().equals("resolved")) {
                return;
            }
            var due = latest(channel, all.get(i).at().plus(DAY).plus(AlertServer.TICK));
            var next = i + 1 < all.size() ? all.get(i + 1).at() : Instant.MAX;
            if (due.isBefore(spell.until()) && due.isBefore(end) && next.isAfter(due)) {
                failed("no reminder", channel, due, key + " " + all.get(i));
            }
        }
    }

    /** Nothing is told of what is not so. */
    private void justified(String channel, String key, List<Told> all) {
        var opened = all.get(0).event().openedAt();
        var segments = truth.getOrDefault(key, List.of());
        boolean isTrue = segments.stream()
                .anyMatch(segment -> !segment.known().isAfter(opened.plus(EARLY))
                        && !segment.until().isBefore(opened.minus(NOTICED))
                        && (!key.endsWith("/offline") || !segment.opensAt().isAfter(opened.plus(EARLY))));
        if (!isTrue) {
            failed("false", channel, opened, all.get(0).event() + " but " + near(segments, opened));
        }
    }

    private static List<Segment> near(List<Segment> segments, Instant at) {
        return segments.stream()
                .filter(segment -> segment.until().isAfter(at.minus(Duration.ofDays(2)))
                        && segment.from().isBefore(at.plus(Duration.ofDays(2))))
                .toList();
    }
}
