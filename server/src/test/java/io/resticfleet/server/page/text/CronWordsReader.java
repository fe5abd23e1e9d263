package io.resticfleet.server.page.text;

import static java.time.format.TextStyle.FULL;
import static java.util.Locale.ENGLISH;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CronFields;
import java.time.DayOfWeek;
import java.time.Month;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Understands the words of {@link CronWords} as a person would, by code that shares nothing with it. */
final class CronWordsReader {

    private static final Pattern TIME = Pattern.compile("at (\\d\\d:|minute|every)|every (\\d+ )?(minute|hour)");

    private static final Pattern NUMBER = Pattern.compile("(\\d+)(?:st|nd|rd|th)?(?: to (\\d+))?");

    private static final Pattern STEP =
            Pattern.compile("every (\\d+)(?:st|nd|rd|th) [a-z]+ from (?:the )?(\\d+)\\w* to (?:the )?(\\d+)");

    private static final Pattern EVERY = Pattern.compile("every (?:(\\d+) )?(minute|hour)");

    private static final Pattern CLOCK = Pattern.compile("(\\d\\d):(\\d\\d)(?: to (\\d\\d):(\\d\\d))?");

    private static final List<String> MONTHS = Stream.of(Month.values())
            .map(month -> month.getDisplayName(FULL, ENGLISH))
            .toList();

    /** From 0, Sunday, on. */
    private static final List<String> WEEKDAYS = IntStream.of(7, 1, 2, 3, 4, 5, 6)
            .mapToObj(day -> DayOfWeek.of(day).getDisplayName(FULL, ENGLISH))
            .toList();

    private final String days;
    private final String time;

    private CronWordsReader(String words) {
        var matcher = TIME.matcher(words);
        assertThat(matcher.find()).as(words).isTrue();
        this.days = words.substring(0, matcher.start());
        this.time = words.substring(matcher.start());
    }

    static CronFields read(String words) {
        var reader = new CronWordsReader(words);
        var times = reader.times();
        var minutes = new TreeSet<>(times.stream().map(at -> at % 60).toList());
        var hours = new TreeSet<>(times.stream().map(at -> at / 60).toList());
        assertThat(times).as(words).hasSize(minutes.size() * hours.size());
        return new CronFields(
                List.copyOf(minutes),
                List.copyOf(hours),
                List.copyOf(reader.dates()),
                List.copyOf(named(reader.days, MONTHS, 1)),
                List.copyOf(named(reader.days, WEEKDAYS, 0)),
                reader.hourIsStar(),
                reader.days.contains(" and every "));
    }

    private boolean hourIsStar() {
        return time.contains("each time the clock shows")
                || time.contains("around the clock")
                || time.matches("every \\d+ hours, at .*")
                || isHourly();
    }

    private boolean isHourly() {
        return !time.contains(":") && !time.contains(" of ");
    }

    /** In minutes after midnight. */
    private Set<Integer> times() {
        var times = new TreeSet<Integer>();
        if (time.contains(":")) {
            int every = EVERY.matcher(time).find() ? every(time) : 24 * 60;
            boolean around = time.contains("around the clock");
            CLOCK.matcher(time).results().forEach(at -> {
                int from = minuteOf(at, 1);
                int to = around ? from + 24 * 60 - 1 : at.group(3) == null ? from : minuteOf(at, 3);
                assertThat(to >= from || days.isEmpty() || days.matches("every day,? "))
                        .as("the night after a day is not that day: " + days + time)
                        .isTrue();
                addRange(from, to, every, 0, 24 * 60, times);
            });
            return times;
        }
        var parts = time.split(" of ");
        var hours = isHourly() ? range(0, 23) : values(parts[1], 0, 24);
        for (int minute : minutes(parts[0])) {
            hours.forEach(hour -> times.add(hour * 60 + minute));
        }
        return times;
    }

    private static Set<Integer> minutes(String text) {
        if (text.contains("on the hour")) {
            return Set.of(0);
        }
        if (text.matches("every (\\d+ )?minutes?")) {
            var minutes = new TreeSet<Integer>();
            addRange(0, 59, every(text), 0, 60, minutes);
            return minutes;
        }
        return values(text, 0, 60);
    }

    private Set<Integer> dates() {
        if (days.contains("the last day")) {
            return Set.of();
        }
        var dates = values(days, 1, 31);
        return dates.isEmpty() ? range(1, 31) : dates;
    }

    /** All if none is named. */
    private static Set<Integer> named(String text, List<String> names, int low) {
        var values = new TreeSet<Integer>();
        var any = "(" + String.join("|", names) + ")";
        Pattern.compile(any + "(?: to " + any + ")?").matcher(text).results().forEach(range -> {
            int from = low + names.indexOf(range.group(1));
            int to = range.group(2) == null ? from : low + names.indexOf(range.group(2));
            addRange(from, to, 1, low, names.size(), values);
        });
        return values.isEmpty() ? range(low, low + names.size() - 1) : values;
    }

    private static Set<Integer> values(String text, int low, int size) {
        var values = new TreeSet<Integer>();
        var step = STEP.matcher(text);
        if (step.find()) {
            addRange(number(step, 2), number(step, 3), number(step, 1), low, size, values);
            return values;
        }
        NUMBER.matcher(text).results().forEach(range -> {
            int from = number(range, 1);
            addRange(from, range.group(2) == null ? from : number(range, 2), 1, low, size, values);
        });
        return values;
    }

    private static void addRange(int from, int to, int step, int low, int size, Set<Integer> values) {
        for (int at = from; at <= (to < from ? to + size : to); at += step) {
            values.add(low + (at - low) % size);
        }
    }

    /** In minutes. */
    private static int every(String text) {
        var every = EVERY.matcher(text);
        assertThat(every.find()).as(text).isTrue();
        int unit = every.group(2).equals("hour") ? 60 : 1;
        return every.group(1) == null ? unit : unit * number(every, 1);
    }

    private static int minuteOf(MatchResult clock, int group) {
        return number(clock, group) * 60 + number(clock, group + 1);
    }

    private static int number(MatchResult match, int group) {
        return Integer.parseInt(match.group(group));
    }

    private static Set<Integer> range(int first, int last) {
        return new TreeSet<>(IntStream.rangeClosed(first, last).boxed().toList());
    }
}
