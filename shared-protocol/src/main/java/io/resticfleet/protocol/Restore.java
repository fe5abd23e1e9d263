package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Writes files of a snapshot to this machine.
 *
 * @param snapshotId 64 hexadecimal digits
 * @param paths what is restored, each with all below it; 1 to 1,000
 * @param delete whether what is below the paths at the target, but not in the snapshot, is removed. In JSON left out if
 *     false, as the other two
 * @param dryRun whether it only lists what would change
 * @param ownershipByName whether files get the owner with the same name instead of the same number
 */
public record Restore(
        String snapshotId,
        List<SnapshotPath> paths,
        RestoreTarget target,
        Overwrite overwrite,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean delete,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean dryRun,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean ownershipByName)
        implements JobSpec {

    /** Number of paths at most. */
    public static final int MAX_PATHS = 1_000;

    /** Bytes of all paths at most, as the message with them has to fit into an agent's memory. */
    public static final int MAX_PATH_BYTES = 256 * 1024;

    private static final Pattern SNAPSHOT_ID = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException if any of it is not what it must be */
    public Restore {
        if (!SNAPSHOT_ID.matcher(snapshotId).matches()) {
            throw new IllegalArgumentException("a restore needs a snapshot's id of 64 hexadecimal digits");
        }
        paths = List.copyOf(paths);
        if (paths.isEmpty() || paths.size() > MAX_PATHS) {
            throw new IllegalArgumentException("a restore has 1 to 1,000 paths");
        }
        if (paths.stream().mapToLong(path -> path.raw().length()).sum() > MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "the paths have more than 256 KiB; restore the directory that they are in");
        }
        if (new HashSet<>(paths).size() < paths.size()) {
            throw new IllegalArgumentException("a path is given twice");
        }
        if (target.kind() == RestoreTarget.Kind.NEW_FOLDER && (delete || overwrite != Overwrite.NEVER)) {
            throw new IllegalArgumentException("nothing is overwritten or deleted in a new folder");
        }
    }

    @Override
    public JobKind kind() {
        return JobKind.RESTORE;
    }

    @Override
    public <R> R match(JobCases<R> cases) {
        return cases.restore(this);
    }
}
