package io.resticfleet.server.page.host;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.job.BackupCount;
import io.resticfleet.server.live.Viewer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A host's last 30 days, in the viewer's zone.
 *
 * @param days oldest first; the last one is today
 */
record HistoryStrip(List<Day> days) {

    static final int DAYS = 30;

    /** @param words such as {@code Tue 24 Nov: 1 failed, 3 backed up} */
    record Day(LocalDate date, DayState state, String words) {}

    static LocalDate first(Viewer viewer) {
        return viewer.today().minusDays(DAYS - 1L);
    }

    /**
     * @param backups of one host
     * @param shared returns one object for equal days, as most days of most hosts are equal
     */
    static HistoryStrip of(Viewer viewer, Instant joined, List<BackupCount> backups, UnaryOperator<Day> shared) {
        var byDay = backups.stream().collect(Collectors.groupingBy(BackupCount::day));
        var joinedOn = LocalDate.ofInstant(joined, viewer.zone());
        return new HistoryStrip(first(viewer)
                .datesUntil(viewer.today().plusDays(1))
                .map(date -> day(date, joinedOn, byDay.getOrDefault(date, List.of())))
                .map(shared)
                .toList());
    }

    private static Day day(LocalDate date, LocalDate joined, List<BackupCount> backups) {
        // The last run of each schedule counts: a successful retry replaces the failure before it.
        var state = backups.stream()
                .filter(count -> state(count.status()) != DayState.NOTHING)
                .collect(Collectors.toMap(
                        BackupCount::scheduleId,
                        Function.identity(),
                        BinaryOperator.maxBy(Comparator.comparing(BackupCount::last))))
                .values()
                .stream()
                .map(count -> state(count.status()))
                .min(DayState::compareTo)
                .orElse(backups.isEmpty() && date.isBefore(joined) ? DayState.BEFORE : DayState.NOTHING);
        return new Day(date, state, Viewer.day(date) + ": " + words(state, backups));
    }

    private static String words(DayState state, List<BackupCount> backups) {
        Map<DayState, Integer> counts = new EnumMap<>(DayState.class);
        backups.forEach(count -> counts.merge(state(count.status()), count.count(), Integer::sum));
        counts.remove(DayState.NOTHING);
        if (counts.isEmpty()) {
            return backups.isEmpty() ? state.words() : "cancelled";
        }
        return counts.values().stream().mapToInt(count -> count).sum() == 1
                ? state.words()
                : counts.entrySet().stream()
                        .map(each -> each.getValue() + " " + each.getKey().words())
                        .collect(Collectors.joining(", "));
    }

    private static DayState state(JobStatus status) {
        return switch (status) {
            case RUNNING -> DayState.RUNNING;
            case FAILED, INTERRUPTED -> DayState.FAILED;
            case MISSED -> DayState.MISSED;
            case PARTIAL -> DayState.PARTIAL;
            case SUCCEEDED -> DayState.BACKED_UP;
            case QUEUED, CANCELLED -> DayState.NOTHING;
        };
    }

    /** Text for screen readers, such as {@code Last 30 days: 28 backed up, 1 failed (Thu 12 Nov)}. */
    String inWords() {
        var parts = days.stream()
                .collect(Collectors.groupingBy(Day::state, () -> new EnumMap<>(DayState.class), Collectors.toList()))
                .entrySet()
                .stream()
                .map(each ->
                        each.getValue().size() + " " + each.getKey().words() + when(each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
        return "Last " + DAYS + " days: " + parts;
    }

    private static String when(DayState state, List<Day> days) {
        boolean matters = state == DayState.FAILED || state == DayState.MISSED || state == DayState.PARTIAL;
        return Optional.of(days)
                .filter(some -> matters && some.size() <= 5)
                .map(some ->
                        some.stream().map(day -> Viewer.day(day.date())).collect(Collectors.joining(", ", " (", ")")))
                .orElse("");
    }
}
