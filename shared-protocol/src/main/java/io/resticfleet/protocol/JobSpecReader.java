package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads a {@link JobSpec} from the fields of the enclosing object. */
public final class JobSpecReader extends UnwrappedReader<JobSpec> {
    private static final long serialVersionUID = 1L;

    public JobSpecReader() {
        super(JobSpec.class, "kind");
    }

    @Override
    Class<? extends JobSpec> type(String word, JsonNode fields) {
        return type(JobKind.of(word));
    }

    @Override
    JobSpecReader copy() {
        return new JobSpecReader();
    }

    /** The record for a kind. */
    static Class<? extends JobSpec> type(JobKind kind) {
        return switch (kind) {
            case BACKUP -> JobSpec.Backup.class;
            case FORGET -> JobSpec.Forget.class;
            case PRUNE -> JobSpec.Prune.class;
            case CHECK -> JobSpec.Check.class;
            case INIT -> JobSpec.Init.class;
            case UNLOCK -> JobSpec.Unlock.class;
            case SNAPSHOTS -> JobSpec.Snapshots.class;
            case PROBE -> JobSpec.Probe.class;
            case STATS -> JobSpec.Stats.class;
            case COPY -> JobSpec.Copy.class;
            case DRILL -> Drill.class;
            case REPAIR_INDEX -> JobSpec.RepairIndex.class;
            case REPAIR_SNAPSHOTS -> JobSpec.RepairSnapshots.class;
            case ROTATE_KEY -> RotateKey.class;
            case RESTORE -> Restore.class;
        };
    }
}
