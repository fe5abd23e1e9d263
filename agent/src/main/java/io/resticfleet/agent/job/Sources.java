package io.resticfleet.agent.job;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Kind;
import io.resticfleet.protocol.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What was at the paths of a backup before restic started.
 *
 * @param reports by path; without the paths that did not respond in time
 */
record Sources(Map<String, PathReport> reports) {

    private static final String FILE = "sources.json";

    /**
     * Examines the paths of a schedule, once for each job: after a restart of the agent they may be different from what
     * restic read.
     */
    static Sources of(JobRun job, Schedule schedule) throws InterruptedException {
        var context = job.context();
        var file = context.journal().directory(job.entry().jobId()).resolve(FILE);
        var before = context.state().readJson(file, Sources.class);
        if (before.isPresent()) {
            return before.get();
        }
        var found = new LinkedHashMap<String, PathReport>();
        var asks = new ArrayList<Ask.Path>();
        for (var path : schedule.paths()) {
            try {
                asks.add(new Ask.Path(path, schedule.options().oneFileSystem()));
            } catch (IllegalArgumentException e) {
                found.put(path, PathReport.of(Kind.MISSING)); // longer than any path can be
            }
        }
        found.putAll(context.paths().look(asks, context.limits().path()));
        var sources = new Sources(found);
        context.state().writeJson(file, sources);
        return sources;
    }

    /** The paths that did not respond in time. */
    List<String> unresponsive(Schedule schedule) {
        return schedule.paths().stream()
                .filter(path -> !reports.containsKey(path))
                .toList();
    }

    /** The paths that do not exist, or where the agent cannot find out. */
    List<String> missing() {
        return where(report -> report.kind() == Kind.MISSING || report.kind() == Kind.UNKNOWN);
    }

    /** The symbolic links among the paths, each with its target. */
    List<String> symlinks() {
        return where(report -> report.kind() == Kind.SYMLINK).stream()
                .map(path -> path + " -> " + reports.get(path).linkTarget().orElse("?"))
                .toList();
    }

    /** Devices, pipes and sockets. */
    List<String> special() {
        return where(report -> report.kind() == Kind.OTHER);
    }

    /** Whether something is mounted there, or should be, there or above. */
    boolean isMountPoint(String path) {
        var report = reports.get(path);
        return report.kind() == Kind.MOUNT_POINT || report.unmounted().isPresent();
    }

    private List<String> where(Predicate<PathReport> condition) {
        return reports.entrySet().stream()
                .filter(entry -> condition.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
