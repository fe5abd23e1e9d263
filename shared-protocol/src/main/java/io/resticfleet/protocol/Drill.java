package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * Restores a sample of the host's latest snapshot, compares it, and removes it again.
 *
 * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
 * @param sample how much is restored, at random
 * @param canaries absolute paths of files that are restored in any case
 * @param ofSchedule the backup schedule whose latest snapshot is tried; absent for the latest one of the host
 */
public record Drill(
        @JsonProperty("schedule") Optional<Schedule> scheduled,
        DrillSample sample,
        List<String> canaries,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<ScheduleId> ofSchedule)
        implements JobSpec {

    /** @throws IllegalArgumentException if a canary is no path of a file */
    public Drill {
        JobSpec.requireKind(JobKind.DRILL, scheduled);
        var options = new DrillOptions(sample, canaries, ofSchedule);
        sample = options.sample();
        canaries = options.canaries();
        ofSchedule = options.ofSchedule();
        DrillOptions.problem(canaries).ifPresent(problem -> {
            throw new IllegalArgumentException("canaries: " + problem);
        });
    }

    static Drill of(Optional<Schedule> scheduled, DrillOptions options) {
        return new Drill(scheduled, options.sample(), options.canaries(), options.ofSchedule());
    }

    @Override
    public JobKind kind() {
        return JobKind.DRILL;
    }

    @Override
    public <R> R match(JobCases<R> cases) {
        return cases.drill(this);
    }
}
