package io.resticfleet.server.page.schedule;

import io.resticfleet.server.page.text.Figures;
import io.resticfleet.server.retention.RetentionPreview;
import io.resticfleet.server.retention.RetentionProjection;
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
 * @param of which snapshots these are, such as {@code Of its 3 snapshots}
 * @param months the newest first
 * @param older snapshots of earlier months than those
 * @param lines the newest snapshots
 * @param held why nothing would be removed now; empty if it would
 * @param wrong why there is no calendar; empty if there is one
 * @param real whether the snapshots exist
 */
record RetentionCalendar(
        String of,
        int stay,
        int go,
        List<Month> months,
        Day older,
        List<Line> lines,
        String held,
        String wrong,
        boolean real) {

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

    /**
     * @param shortId empty if it does not exist
     * @param reasons why it stays; empty if it goes
     */
    record Line(String shortId, Instant at, List<String> reasons) {}

    /** Whose snapshots a preview is of. */
    enum Of {
        SCHEDULE("Of its %s"),
        HOST("Of the %s of this machine’s backup schedules");

        private final String words;

        Of(String words) {
            this.words = words;
        }

        private String words(int count) {
            return String.format(words, Figures.count(count, "snapshot", "snapshots"));
        }
    }

    /** Without a calendar. */
    static RetentionCalendar refused(String wrong) {
        return new RetentionCalendar("", 0, 0, List.of(), Day.NONE, List.of(), "", wrong, true);
    }

    /** Of snapshots that there would be. */
    static RetentionCalendar of(RetentionProjection projection, ZoneId zone) {
        var days = new TreeMap<LocalDate, Day>(Comparator.reverseOrder());
        int stay = 0;
        for (var run : projection.runs()) {
            boolean stays = !run.reasons().isEmpty();
            stay += stays ? 1 : 0;
            add(days, run.at(), zone, stays ? 1 : 0, stays ? 0 : 1);
        }
        return of(
                "Had it run for " + Figures.count(projection.days(), "day", "days") + ", of its "
                        + Figures.count(projection.runs().size(), "snapshot", "snapshots"),
                stay,
                projection.runs().size() - stay,
                days,
                projection.runs().stream()
                        .limit(LINES)
                        .map(run -> new Line("", run.at(), run.reasons()))
                        .toList(),
                "",
                false);
    }

    static RetentionCalendar of(RetentionPreview preview, ZoneId zone, Of whose) {
        var days = new TreeMap<LocalDate, Day>(Comparator.reverseOrder());
        preview.keep().forEach(kept -> add(days, kept.at(), zone, 1, 0));
        preview.remove().forEach(removed -> add(days, removed.at(), zone, 0, 1));
        return of(
                whose.words(preview.keep().size() + preview.remove().size()),
                preview.keep().size(),
                preview.remove().size(),
                days,
                lines(preview),
                preview.held().map(RetentionPreview.Held::reason).orElse(""),
                true);
    }

    private static RetentionCalendar of(
            String whose, int stay, int go, TreeMap<LocalDate, Day> days, List<Line> lines, String held, boolean real) {
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
                whose,
                stay,
                go,
                shown.stream().map(month -> month(month, days)).toList(),
                older,
                lines,
                held,
                "",
                real);
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
