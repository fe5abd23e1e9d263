package io.resticfleet.server.page.schedule;

import io.resticfleet.server.retention.RetentionPreview;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which snapshots of a schedule a policy keeps, by day, and which it removes.
 *
 * @param months the newest first
 * @param older snapshots of earlier months than those
 * @param lines the newest snapshots
 * @param held why nothing would be removed now; empty if it would
 * @param wrong why there is no calendar; empty if there is one
 */
record RetentionCalendar(int stay, int go, List<Month> months, Day older, List<Line> lines, String held, String wrong) {

    private static final int MONTHS = 24;
    private static final int LINES = 100;
    private static final int DAYS_OF_WEEK = 7;

    /** @param weeks from Monday, each of seven days */
    record Month(String name, List<List<Day>> weeks) {}

    /** @param number of the day; 0 for one of another month */
    record Day(int number, int stay, int go) {

        static final Day NONE = new Day(0, 0, 0);

        /** One of {@code stay go both}; empty for a day without snapshots. */
        String tone() {
            return stay > 0 && go > 0 ? "both" : stay > 0 ? "stay" : go > 0 ? "go" : "";
        }

        String words() {
            return Stream.of(
                            stay == 0 ? "" : stay + (stay == 1 ? " stays" : " stay"),
                            go == 0 ? "" : go + (go == 1 ? " goes" : " go"))
                    .filter(text -> !text.isEmpty())
                    .reduce((first, second) -> first + ", " + second)
                    .orElse("");
        }

        private Day plus(Day other) {
            return new Day(number, stay + other.stay, go + other.go);
        }
    }

    /** @param reasons why it stays; empty if it goes */
    record Line(String shortId, Instant at, List<String> reasons) {}

    /** Without a calendar. */
    static RetentionCalendar refused(String wrong) {
        return new RetentionCalendar(0, 0, List.of(), Day.NONE, List.of(), "", wrong);
    }

    static RetentionCalendar of(RetentionPreview preview, ZoneId zone) {
        var days = new TreeMap<LocalDate, Day>(Comparator.reverseOrder());
        preview.keep().forEach(kept -> add(days, kept.at(), zone, 1, 0));
        preview.remove().forEach(removed -> add(days, removed.at(), zone, 0, 1));
        var shown = days.keySet().stream()
                .map(YearMonth::from)
                .distinct()
                .limit(MONTHS)
                .toList();
        var older = days.entrySet().stream()
                .filter(day -> !shown.contains(YearMonth.from(day.getKey())))
                .map(Map.Entry::getValue)
                .reduce(Day.NONE, Day::plus);
        return new RetentionCalendar(
                preview.keep().size(),
                preview.remove().size(),
                shown.stream().map(month -> month(month, days)).toList(),
                older,
                lines(preview),
                preview.held().map(RetentionPreview.Held::reason).orElse(""),
                "");
    }

    private static void add(Map<LocalDate, Day> days, Instant at, ZoneId zone, int stay, int go) {
        var day = LocalDate.ofInstant(at, zone);
        days.merge(day, new Day(day.getDayOfMonth(), stay, go), Day::plus);
    }

    private static Month month(YearMonth month, Map<LocalDate, Day> days) {
        var cells = new ArrayList<Day>();
        for (int before = 1; before < month.atDay(1).getDayOfWeek().getValue(); before++) {
            cells.add(Day.NONE);
        }
        for (int day = 1; day <= month.lengthOfMonth(); day++) {
            cells.add(days.getOrDefault(month.atDay(day), new Day(day, 0, 0)));
        }
        while (cells.size() % DAYS_OF_WEEK != 0) {
            cells.add(Day.NONE);
        }
        var weeks = new ArrayList<List<Day>>();
        for (int from = 0; from < cells.size(); from += DAYS_OF_WEEK) {
            weeks.add(List.copyOf(cells.subList(from, from + DAYS_OF_WEEK)));
        }
        return new Month(
                month.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH) + " " + month.getYear(), weeks);
    }

    private static List<Line> lines(RetentionPreview preview) {
        return Stream.concat(
                        preview.keep().stream()
                                .limit(LINES)
                                .map(kept -> line(kept.snapshotId(), kept.at(), kept.reasons())),
                        preview.remove().stream()
                                .limit(LINES)
                                .map(removed -> line(removed.snapshotId(), removed.at(), List.of())))
                .sorted(Comparator.comparing(Line::at).reversed())
                .limit(LINES)
                .toList();
    }

    private static Line line(String id, Instant at, List<String> reasons) {
        return new Line(id.substring(0, Math.min(8, id.length())), at, reasons);
    }
}
