package io.resticfleet.server.channel;

import static io.resticfleet.server.alert.AlertEvent.State.RESOLVED;

import io.resticfleet.protocol.WellFormedText;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertView;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.channel.MessageContent.Event;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Words for events: one in full, several as a line each. */
final class Wording {

    private static final int MAX_LINES = 20;
    private static final int MAX_LINE_LENGTH = 400;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** All that happened to one alert while it waited to be said. */
    private record Story(List<Event> events) {

        Event last() {
            return events.get(events.size() - 1);
        }

        AlertView alert() {
            return last().alert();
        }

        boolean resolved() {
            return last().state() == RESOLVED;
        }

        Look look() {
            return resolved() ? Look.RESOLVED : Look.of(alert().severity());
        }
    }

    private Wording() {}

    /**
     * @param events at least one, the oldest first
     * @param lost how many more there were, of which nothing is known any more
     * @param alertsUrl of the page with all alerts
     */
    static MessageContent of(List<Event> events, int lost, String alertsUrl) {
        var stories = events.stream()
                .collect(Collectors.groupingBy(
                        event -> event.alert().id(), LinkedHashMap::new, Collectors.toCollection(ArrayList::new)))
                .values()
                .stream()
                .map(Story::new)
                .sorted(Comparator.comparing(Wording::urgency).reversed())
                .toList();
        var main = stories.get(0);
        boolean one = stories.size() == 1 && lost == 0;
        var told = withoutRepeatedReminders(events);
        var sent = mostUrgent(told, stories);
        int cut = told.size() - sent.size();
        return new MessageContent(
                lost > 0 && main.resolved() ? Look.WARNING : main.look(), // what was lost may be open
                one ? title(main) : title(stories, lost),
                one ? text(main) : text(stories, lost),
                Optional.empty(),
                one ? main.alert().actionUrl() : alertsUrl,
                sent,
                cut + lost,
                Optional.of(main.last()),
                Optional.empty());
    }

    /** What is open before what is over, then the most severe. */
    private static int urgency(Story story) {
        return (story.resolved() ? 0 : 10) + story.alert().severity().ordinal();
    }

    /** As many as a message may have, of the most urgent stories; the oldest first. */
    private static List<Event> mostUrgent(List<Event> events, List<Story> stories) {
        var rank = new HashMap<String, Integer>();
        stories.forEach(story -> rank.put(story.alert().id(), rank.size()));
        var chosen = events.stream()
                .sorted(Comparator.comparing(event -> rank.get(event.alert().id())))
                .limit(MessageContent.MAX_EVENTS)
                .collect(Collectors.toCollection(() -> Collections.newSetFromMap(new IdentityHashMap<>())));
        return events.stream().filter(chosen::contains).toList();
    }

    /** Of several reminders of an alert only the last. */
    private static List<Event> withoutRepeatedReminders(List<Event> events) {
        var lastReminder = new LinkedHashMap<String, Event>();
        events.stream()
                .filter(event -> event.state() == AlertEvent.State.REMINDER)
                .forEach(event -> lastReminder.put(event.alert().id(), event));
        return events.stream()
                .filter(event -> event.state() != AlertEvent.State.REMINDER
                        || lastReminder.get(event.alert().id()) == event)
                .toList();
    }

    private static String title(Story story) {
        return prefix(story) + ": " + kind(story.alert()) + " – " + subject(story.alert());
    }

    private static String prefix(Story story) {
        var severity = capitalized(story.alert().severity().word());
        return switch (story.last().state()) {
            case OPEN -> severity;
            case REMINDER -> "Still " + severity.toLowerCase(Locale.ROOT);
            case ESCALATED -> "Now " + severity.toLowerCase(Locale.ROOT);
            case RESOLVED -> "Resolved";
            case TEST -> "Test";
        };
    }

    private static String kind(AlertView alert) {
        return alert.kind().word().replace('_', ' ');
    }

    private static String subject(AlertView alert) {
        var names = Stream.of(alert.host(), alert.repository(), alert.schedule())
                .flatMap(Optional::stream)
                .map(Subject.Named::name)
                .map(Wording::oneLine)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "the server" : names;
    }

    private static String text(Story story) {
        var alert = story.alert();
        var parts = new ArrayList<String>();
        parts.add(alert.text());
        if (story.resolved()) {
            parts.add("It began on " + time(alert.since())
                    + alert.resolvedAt()
                            .map(at -> " and was over on " + time(at))
                            .orElse("") + ".");
        } else {
            if (!alert.advice().isBlank()) {
                parts.add(alert.advice());
            }
            parts.add("Since " + time(alert.since()) + ".");
        }
        parts.add(alert.actionUrl());
        return String.join("\n\n", parts);
    }

    private static String time(Instant at) {
        return TIME.format(at);
    }

    private static String title(List<Story> stories, int lost) {
        boolean same = lost == 0
                && stories.stream()
                                .map(story -> story.alert().kind() + " " + story.resolved())
                                .distinct()
                                .count()
                        == 1;
        if (same) {
            long hosts = stories.stream()
                    .flatMap(story -> story.alert().host().stream())
                    .distinct()
                    .count();
            var first = stories.get(0);
            return (first.resolved()
                            ? "Resolved"
                            : capitalized(first.alert().severity().word()))
                    + ": " + (hosts > 1 ? hosts + " hosts" : stories.size() + " alerts") + ": "
                    + kind(first.alert());
        }
        var parts = new ArrayList<String>();
        for (var severity : List.of(Severity.CRITICAL, Severity.WARNING, Severity.INFO)) {
            long count = stories.stream()
                    .filter(story -> !story.resolved() && story.alert().severity() == severity)
                    .count();
            if (count > 0) {
                parts.add(count + " " + severity.word());
            }
        }
        long resolved = stories.stream().filter(Story::resolved).count();
        if (resolved > 0) {
            parts.add(resolved + " resolved");
        }
        if (lost > 0) {
            parts.add(lost + " more");
        }
        return "Alerts: " + String.join(", ", parts);
    }

    private static String text(List<Story> stories, int lost) {
        var lines = new ArrayList<String>();
        stories.stream().limit(MAX_LINES).forEach(story -> lines.add("• " + line(story)));
        if (stories.size() > MAX_LINES) {
            lines.add("… and " + (stories.size() - MAX_LINES) + " more");
        }
        if (lost > 0) {
            lines.add("… and " + lost + " earlier messages that were dropped, as too many waited");
        }
        return String.join("\n", lines);
    }

    private static String line(Story story) {
        boolean wasBrief = story.resolved() && story.events().size() > 1;
        var line = (wasBrief ? "Over again" : prefix(story)) + ": " + subject(story.alert()) + ": "
                + oneLine(story.alert().text());
        return WellFormedText.cut(line, MAX_LINE_LENGTH);
    }

    static String oneLine(String text) {
        return text.replaceAll("[\\s\\p{Cc}]+", " ").strip();
    }

    private static String capitalized(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }
}
