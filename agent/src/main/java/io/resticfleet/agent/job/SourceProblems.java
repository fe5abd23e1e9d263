package io.resticfleet.agent.job;

import io.resticfleet.agent.path.PathLooks;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Schedule;
import java.util.List;
import java.util.Optional;

/**
 * What a backup lacks although restic succeeded.
 *
 * @param reading what it read
 * @param lastGood what the schedule's last good run read; absent if there is none to compare with
 */
record SourceProblems(
        Schedule schedule, Sources sources, Reading reading, Optional<Reading> lastGood, PathLooks paths) {

    /** The outcome with the problems that need another schedule or another state of the machine. */
    Outcome withPathProblems(Outcome outcome) {
        var result = with(
                outcome,
                ErrorCode.PATH_UNRESPONSIVE,
                "these paths did not respond and were left out: ",
                sources.unresponsive(schedule));
        if (!schedule.options().allowSymlink()) {
            result = with(
                    result,
                    ErrorCode.PATH_IS_SYMLINK,
                    "only the link was saved, not its target, of: ",
                    sources.symlinks());
        }
        return with(
                result,
                ErrorCode.PATH_IS_SPECIAL,
                "these paths are devices, pipes or sockets, whose content is not saved: ",
                sources.special());
    }

    /** The outcome with the problems that an operator can accept. */
    Outcome withReadingProblems(Outcome outcome) {
        if (schedule.options().allowEmpty()) {
            return outcome;
        }
        var empty = lastGood.map(reading::emptied).orElseGet(this::suspiciouslyEmpty);
        var result = with(outcome, ErrorCode.SOURCE_EMPTY, "these paths have no files in them: ", empty);
        result = with(
                result,
                ErrorCode.SOURCE_SHRUNK,
                "these paths were mount points in the last good run and are not now: ",
                reading.unmounted(lastGood));
        if (lastGood.isEmpty() && reading.files() > 0) {
            result = with(
                    result,
                    ErrorCode.NOTHING_SAVED,
                    "nothing is saved of these paths, as the schedule's excludes match them: ",
                    Schedule.excludedPaths(schedule.paths(), schedule.excludes()));
        }
        if (reading.nothing(lastGood)) {
            result = result.withProblem(
                    ErrorCode.NOTHING_SAVED, "no file was saved, although the paths have some: check the excludes");
        } else if (reading.shrunk(lastGood)) {
            result = result.withProblem(
                    ErrorCode.SOURCE_SHRUNK,
                    reading.files() + " files were saved, and "
                            + lastGood.orElseThrow().files() + " in the last good run");
        }
        return result;
    }

    /**
     * The empty paths, without a run to compare with: those where the machine mounts something, or should, as an unmounted
     * disk is empty, also if its directory is bound elsewhere; and all if there is nothing else, as a backup is of something.
     */
    private List<String> suspiciouslyEmpty() {
        var empty = reading.empty();
        if (empty.isEmpty() || empty.size() == reading.paths().size()) {
            return empty;
        }
        return empty.stream()
                .filter(path -> sources.isMountPoint(path) || paths.isConfigured(path))
                .toList();
    }

    private static Outcome with(Outcome outcome, ErrorCode code, String text, List<String> paths) {
        return paths.isEmpty() ? outcome : outcome.withProblem(code, text + BackupJob.firstFive(paths, paths.size()));
    }
}
