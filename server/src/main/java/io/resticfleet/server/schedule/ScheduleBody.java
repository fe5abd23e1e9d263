package io.resticfleet.server.schedule;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.DrillOptions;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A schedule in a request; fields left out have their defaults.
 *
 * @param id chosen by the server; a request may only repeat it
 * @param kind required to create, optional to update
 * @param name unique on its host; if left out, the kind's name, with a number if taken
 * @param enabled true if left out
 * @param manual false if left out
 * @param catchUp {@code run_once} if left out; see {@link CatchUp}
 * @param jitterMinutes 0 if left out
 * @param repositoryId one of the host's; its first if left out
 * @param warnings ignored, so that an answer can be sent back
 */
record ScheduleBody(
        Optional<String> id,
        Optional<String> kind,
        Optional<String> name,
        Optional<Boolean> enabled,
        Optional<Boolean> manual,
        Optional<String> cron,
        Optional<String> timeZone,
        Optional<List<String>> paths,
        Optional<List<String>> excludes,
        Optional<List<String>> tags,
        Optional<RetentionBody> retention,
        Optional<Options> options,
        Optional<Hooks> hooks,
        Optional<String> catchUp,
        Optional<Integer> jitterMinutes,
        Optional<RepositoryId> repositoryId,
        Optional<List<String>> warnings) {

    /** See {@link BackupOptions}; false and 0 if left out. */
    record Options(
            Optional<Boolean> oneFileSystem,
            Optional<Boolean> excludeCaches,
            Optional<Integer> limitUploadKib,
            Optional<Boolean> allowSymlink,
            Optional<Boolean> allowEmpty,
            Optional<RepositoryId> to,
            Optional<String> maxUnused,
            Optional<Integer> readAllDays,
            Optional<DrillBody> drill) {

        private BackupOptions options() {
            return new BackupOptions(
                    oneFileSystem.orElse(false),
                    excludeCaches.orElse(false),
                    limitUploadKib.orElse(0),
                    allowSymlink.orElse(false),
                    allowEmpty.orElse(false),
                    to,
                    maxUnused,
                    readAllDays,
                    drill.map(DrillBody::options));
        }
    }

    /** See {@link DrillOptions}; its defaults if left out. */
    record DrillBody(Optional<DrillSample> sample, Optional<List<String>> canaries, Optional<ScheduleId> ofSchedule) {

        private DrillOptions options() {
            refuseNulls("options.drill.canaries", canaries);
            return new DrillOptions(sample.orElse(DrillSample.DEFAULT), canaries.orElse(List.of()), ofSchedule);
        }
    }

    /** @throws Problem 400 {@code invalid_kind} */
    JobKind parsedKind() {
        return kind.flatMap(JobKind::find)
                .filter(JobKind::schedulable)
                .orElseThrow(() -> Problem.invalid(List.of(new Violation(
                        "kind",
                        "invalid_kind",
                        "kind must be backup, forget, prune, check, stats, copy or drill"
                                + kind.map(word -> " but is '" + word + "'").orElse("")))));
    }

    Naming naming() {
        return name.isPresent() ? Naming.REFUSE_TAKEN : Naming.NUMBER_TAKEN;
    }

    /** @throws Problem 400 with all violations */
    Schedule toSchedule(ScheduleId ownId, JobKind ofKind) {
        if (id.filter(sent -> !sent.equals(ownId.value())).isPresent()) {
            throw Problem.invalid(List.of(new Violation(
                    "id", "id_immutable", "the server chooses ids; leave it out, or send back the schedule's own")));
        }
        refuseNulls("paths", paths);
        refuseNulls("excludes", excludes);
        refuseNulls("tags", tags);
        var wrong = new ArrayList<Violation>();
        var schedule = new Schedule(
                ownId,
                ofKind,
                name.orElse(ofKind.word()),
                enabled.orElse(true),
                manual.orElse(false),
                cron,
                timeZone,
                paths.orElse(List.of()),
                excludes.orElse(List.of()),
                tags.orElse(List.of()),
                retention.map(RetentionBody::policy).orElse(RetentionPolicy.NONE),
                options.map(Options::options).orElse(BackupOptions.NONE),
                hooks.orElse(Hooks.NONE),
                CatchUp.parse(catchUp, wrong),
                jitterMinutes.orElse(0),
                repositoryId);
        wrong.addAll(schedule.violations());
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
        return schedule;
    }

    private static void refuseNulls(String field, Optional<List<String>> items) {
        int at = items.map(list -> list.indexOf(null)).orElse(-1);
        if (at >= 0) {
            throw Problem.invalid(List.of(new Violation(field + "[" + at + "]", "wrong_type", field + " has a null")));
        }
    }
}
