package io.resticfleet.server.retention;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.job.BackupRun;
import io.resticfleet.server.job.Remark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Finds backups that saved much less than the ones before, or whose new data may be encrypted, as by ransomware. From then
 * on no snapshots of the schedule are removed until an operator accepts such a backup.
 *
 * <p>Figures are those of the snapshots as they are listed, not those that a job reports. A backup that is found is not
 * compared with later ones; after an accepted one, only that and later ones are.
 */
public record ShrinkGuard(Limits limits) {

    /** Backups that a median is made from. */
    private static final int COMPARED = 10;

    /** The latest backups that are judged; older ones are only compared with, as what they were compared with is unknown. */
    private static final int JUDGED = 100;

    /** Stored divided by added, above which data did not compress. */
    private static final double INCOMPRESSIBLE = 0.97;

    /** The same, below which earlier data did. Photos and films never do. */
    private static final double COMPRESSIBLE = 0.9;

    /** Earlier data that is enough to tell its ratio, as part of {@link Limits#incompressible}. */
    private static final long ENOUGH = 64;

    /**
     * What is unusual.
     *
     * @param lost part of the files or bytes that a backup has less than the median of those before; from 0 to 1
     * @param incompressible bytes of new data from which on it matters whether they compress
     * @param incompressiblePart part of the size of the whole backup that they must have as well; from 0 to 1
     */
    public record Limits(double lost, long incompressible, double incompressiblePart) {
        private static final double PART = 0.1;

        /** @param lossPercent from 1 to 100 */
        public static Limits of(long lossPercent, long incompressible) {
            return new Limits(lossPercent / 100.0, incompressible, PART);
        }
    }

    /**
     * A backup with its snapshot.
     *
     * @param snapshot absent while it is not listed, or not any more
     */
    public record Run(BackupRun backup, Optional<Snapshot> snapshot) {}

    /**
     * The state of a schedule.
     *
     * @param remarks what is to be recorded at each backup that is not the accepted one; absent for nothing
     * @param unusual the backups that an operator can accept
     * @param held absent if retention goes on
     */
    public record Judgement(Map<BackupRun, Optional<Remark>> remarks, Set<JobId> unusual, Optional<Held> held) {}

    /** The backup for which retention is held. */
    public record Held(BackupRun backup, Remark remark) {

        private Remark later() {
            return remark.code() == ErrorCode.RETENTION_HELD
                    ? remark
                    : new Remark(
                            ErrorCode.RETENTION_HELD,
                            "no snapshots of this schedule are removed, as an earlier backup was not like the ones before"
                                    + " it: look at job " + backup.id() + " and accept it if it was meant");
        }

        /** Whether the next usual backup ends this: the agent found the same, and what was missing is there again. */
        private boolean passes() {
            return backup.status() == JobStatus.PARTIAL && remark.code() == ErrorCode.BACKUP_SHRUNK;
        }
    }

    /**
     * Judges the backups of a schedule.
     *
     * @param runs oldest first
     * @param accepted by an operator; absent for none
     * @param schedule snapshots of other paths than its own are no measure
     */
    public Judgement judge(List<Run> runs, Optional<JobId> accepted, Schedule schedule) {
        var ids = runs.stream().map(run -> run.backup().id()).toList();
        int from = accepted.map(ids::indexOf).orElse(-1);
        var measure = new ArrayList<Snapshot>(); // oldest first
        if (from >= 0) {
            runs.get(from).snapshot().ifPresent(measure::add);
        }
        var remarks = new LinkedHashMap<BackupRun, Optional<Remark>>();
        var unusual = new LinkedHashSet<JobId>();
        Optional<Held> held = Optional.empty();
        for (int i = from + 1; i < runs.size(); i++) {
            var backup = runs.get(i).backup();
            var snapshot = runs.get(i).snapshot();
            boolean judged = from >= 0 || i >= runs.size() - JUDGED;
            var found = snapshot.filter(any -> judged)
                    .flatMap(made -> find(made, measure, schedule))
                    .or(() -> from >= 0 ? Optional.empty() : backup.remark()); // what was found with older ones
            if (found.filter(Remark::isUnusual).isPresent()) {
                unusual.add(backup.id());
            }
            if (found.isPresent() && held.filter(earlier -> !earlier.passes()).isEmpty()) {
                held = Optional.of(new Held(backup, found.get()));
            } else if (found.isEmpty() && backup.status() == JobStatus.SUCCEEDED) {
                held = held.filter(earlier -> !earlier.passes());
            }
            var later = held.map(Held::later);
            remarks.put(backup, found.or(() -> later));
            if (held.isEmpty() && backup.status() == JobStatus.SUCCEEDED) {
                snapshot.filter(made -> clean(made.paths()).equals(clean(schedule.paths())))
                        .ifPresent(measure::add);
            }
        }
        return new Judgement(remarks, unusual, held);
    }

    private Optional<Remark> find(Snapshot made, List<Snapshot> measure, Schedule schedule) {
        return (schedule.options().allowEmpty() ? Optional.<Remark>empty() : lost(made, measure))
                .or(() -> incompressible(made, measure));
    }

    private Optional<Remark> lost(Snapshot made, List<Snapshot> measure) {
        var compared = measure.stream()
                .filter(snapshot -> snapshot.totalFiles().isPresent()
                        && snapshot.totalBytes().isPresent())
                .toList();
        if (compared.isEmpty()
                || made.totalFiles().isEmpty()
                || made.totalBytes().isEmpty()) {
            return Optional.empty();
        }
        var latest = compared.subList(Math.max(0, compared.size() - COMPARED), compared.size());
        double files = median(latest, snapshot -> snapshot.totalFiles().orElseThrow());
        double bytes = median(latest, snapshot -> snapshot.totalBytes().orElseThrow());
        double kept = 1 - limits.lost();
        return made.totalFiles().get() < kept * files || made.totalBytes().get() < kept * bytes
                ? Optional.of(new Remark(
                        ErrorCode.BACKUP_SHRUNK,
                        "this backup has "
                                + files(
                                        made.totalFiles().get(),
                                        made.totalBytes().get())
                                + ", the ones before had " + files(Math.round(files), Math.round(bytes)) + " (median)"
                                + "; " + Remark.HELD))
                : Optional.empty();
    }

    private Optional<Remark> incompressible(Snapshot made, List<Snapshot> measure) {
        long added = made.dataAdded().orElse(0L);
        long packed = made.dataAddedPacked().orElse(0L);
        boolean suspicious = added >= limits.incompressible()
                && added >= limits.incompressiblePart() * made.totalBytes().orElse(0L)
                && packed > INCOMPRESSIBLE * added;
        if (!suspicious) {
            return Optional.empty();
        }
        return usualRatio(measure)
                .filter(usual -> usual < COMPRESSIBLE)
                .map(usual -> new Remark(
                        ErrorCode.DATA_INCOMPRESSIBLE,
                        size(added)
                                + " of new data did not compress, as encrypted data does not, while earlier data was"
                                + " stored at " + Math.round(100 * usual) + " % of its size" + "; " + Remark.HELD));
    }

    /**
     * What earlier data was stored at, as part of its size; absent if there was too little. By bytes, as backups with little
     * new data store mostly metadata, which always compresses.
     */
    private Optional<Double> usualRatio(List<Snapshot> measure) {
        long added = 0;
        long packed = 0;
        for (var snapshot : measure) {
            if (snapshot.dataAdded().isPresent() && snapshot.dataAddedPacked().isPresent()) {
                added += snapshot.dataAdded().get();
                packed += snapshot.dataAddedPacked().get();
            }
        }
        long enough = Math.max(1, limits.incompressible() / ENOUGH);
        return added < enough ? Optional.empty() : Optional.of((double) packed / added);
    }

    private static double median(List<Snapshot> snapshots, ToLongFunction<Snapshot> figure) {
        var sorted = snapshots.stream().mapToLong(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    }

    /** As restic stores them. */
    private static Set<String> clean(List<String> paths) {
        return paths.stream().map(path -> Path.of(path).normalize().toString()).collect(Collectors.toSet());
    }

    private static String files(long files, long bytes) {
        return String.format(Locale.ROOT, "%d %s with %s", files, files == 1 ? "file" : "files", size(bytes));
    }

    private static String size(long bytes) {
        return bytes < 1L << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
