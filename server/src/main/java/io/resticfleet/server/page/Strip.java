package io.resticfleet.server.page;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.job.JobBrief;
import io.resticfleet.server.web.Viewer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A host's last 30 days, in the viewer's zone.
 *
 * @param days oldest first; the last one is today
 */
record Strip(List<Day> days) {

    static final int DAYS = 30;

    /** @param words such as {@code Tue 24 Nov: 1 failed, 3 backed up} */
    record Day(LocalDate date, DayState state, String words) {}

    /** When the first of its days begins. */
    static Instant since(Viewer viewer) {
        return viewer.today().minusDays(DAYS - 1L).atStartOfDay(viewer.zone()).toInstant();
    }

    /** @param backups of one host, in the order in which they were due */
    static Strip of(Viewer viewer, Instant joined, List<JobBrief> backups) {
        var byDay =
                backups.stream().collect(Collectors.groupingBy(job -> LocalDate.ofInstant(job.at(), viewer.zone())));
        var joinedOn = LocalDate.ofInstant(joined, viewer.zone());
        return new Strip(IntStream.range(0, DAYS)
                .mapToObj(back -> viewer.today().minusDays(DAYS - 1L - back))
                .map(date -> day(date, joinedOn, byDay.getOrDefault(date, List.of())))
                .toList());
    }

    private static Day day(LocalDate date, LocalDate joined, List<JobBrief> backups) {
        // Of each schedule the last word of the day counts: a retry that went well makes good what failed before.
        var state = backups.stream()
                .collect(Collectors.toMap(
                        job -> job.scheduleId().orElse(""),
                        job -> state(job.status()),
                        (before, after) -> after == DayState.NOTHING ? before : after))
                .values()
                .stream()
                .min(DayState::compareTo)
                .orElse(date.isBefore(joined) ? DayState.BEFORE : DayState.NOTHING);
        return new Day(date, state, Viewer.day(date) + ": " + words(state, backups));
    }

    private static String words(DayState state, List<JobBrief> backups) {
        Map<DayState, Integer> counts = new EnumMap<>(DayState.class);
        backups.forEach(job -> counts.merge(state(job.status()), 1, Integer::sum));
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

    /** For those who do not see it, such as {@code Last 30 days: 28 backed up, 1 failed (Thu 12 Nov)}. */
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
