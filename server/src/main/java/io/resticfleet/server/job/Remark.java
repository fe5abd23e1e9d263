package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the server records at a backup that succeeded: that retention of its schedule is held until somebody looks.
 *
 * @param code one of {@link #CODES}
 * @param text as part of a sentence
 */
public record Remark(ErrorCode code, String text) {

    /** Of backups that are not like the ones before; an operator can accept them. */
    public static final Set<ErrorCode> UNUSUAL = EnumSet.of(ErrorCode.BACKUP_SHRUNK, ErrorCode.DATA_INCOMPRESSIBLE);

    /** The end of their texts. */
    public static final String HELD = "no snapshots of this schedule are removed until this backup is accepted";

    /** Also of backups after one of those. */
    public static final Set<ErrorCode> CODES =
            EnumSet.of(ErrorCode.BACKUP_SHRUNK, ErrorCode.DATA_INCOMPRESSIBLE, ErrorCode.RETENTION_HELD);

    /** The code of the remark at a job with this status and code; absent if it has none. */
    static Optional<ErrorCode> find(JobStatus status, Optional<ErrorCode.Reported> code) {
        return status == JobStatus.SUCCEEDED
                ? code.map(ErrorCode.Reported::code).filter(CODES::contains)
                : Optional.empty();
    }

    /** Whether the backup itself is not like the ones before. */
    public boolean isUnusual() {
        return UNUSUAL.contains(code);
    }
}
