package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.retention.Hold;
import io.resticfleet.server.retention.RetentionOverview;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The list of a host's schedules.
 *
 * @param canCopy whether the host has a second repository
 */
record SchedulesScreen(HostFrame host, Fragment<Shown> list, boolean canCopy) implements PageModel {

    record Shown(HostId hostId, boolean online, List<Line> schedules) {}

    /**
     * A schedule in the list.
     *
     * @param paths of a backup, in one line; empty for other kinds
     * @param what the schedule's retention or purpose in words; may be empty
     * @param when the cron expression in words; empty for a manual schedule
     * @param next the next three due times; empty if manual or disabled
     * @param last the last finished run
     * @param repository name of the one that it uses; empty if the host has no other
     * @param withheld whether it is not sent, as the agent is too old for it
     * @param retained what an operator has to know of its retention
     * @param running a run that has not ended
     */
    record Line(
            ScheduleId id,
            JobKind kind,
            String name,
            boolean enabled,
            boolean manual,
            String paths,
            String what,
            String cron,
            String when,
            ZoneId zone,
            List<Instant> next,
            Optional<Last> last,
            Optional<Running> running,
            List<String> tags,
            String repository,
            boolean withheld,
            Retained retained) {

        /** Whether it makes snapshots, of which retention keeps some. */
        boolean hasRetention() {
            return kind == JobKind.BACKUP;
        }

        /** One of {@code ok warn bad off run}. */
        String tone() {
            return !enabled
                    ? "off"
                    : running.isPresent()
                            ? "run"
                            : last.map(end -> StateWords.tone(end.status())).orElse("off");
        }

        String words() {
            return !enabled
                    ? "disabled"
                    : running.isPresent()
                            ? running.get().words()
                            : last.map(end -> "last run " + StateWords.of(end.status()))
                                    .orElse("not run yet");
        }
    }

    /**
     * What an operator has to know of retention.
     *
     * @param held why no snapshots are removed now; empty if they are
     * @param words such as {@code 2 not proven}; empty if everything counts
     */
    record Retained(String held, String words) {

        static Retained of(Optional<Hold> hold, Optional<RetentionOverview.Counts> counts) {
            return new Retained(
                    hold.map(why -> why.cause().text()).orElse(""),
                    counts.map(Retained::words).orElse(""));
        }

        private static String words(RetentionOverview.Counts counts) {
            return Stream.of(
                            counts.unproven() == 0 ? "" : counts.unproven() + " not proven",
                            counts.uncounted() == 0 ? "" : counts.uncounted() + " that do not count")
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining(", "));
        }
    }

    /** @param words such as {@code running} */
    record Running(JobId jobId, String words) {}

    record Last(JobId jobId, JobStatus status, Instant at, String error) {}

    @Override
    public String template() {
        return "schedule/schedules.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and(list);
    }
}
