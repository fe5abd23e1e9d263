package io.resticfleet.server.status;

/** Headline status of a host, most severe first; independent of running jobs. */
public enum HostState {
    /** A schedule's last run failed, or was interrupted with an unknown result. */
    FAILED,
    /** A schedule's last run was missed. */
    MISSED,
    /** A drill failed: what was restored from its backup is not what was saved, or nothing could be restored. */
    DRILL_FAILED,
    /** Two agents use its identity, as on a machine and its clone. */
    CLONED,
    /** Enrolled, but its agent has never connected. */
    NEVER_SEEN,
    /** Its agent found no restic at its last hello. */
    RESTIC_MISSING,
    /** Its agent rejected the newest schedules. */
    REFUSED,
    /** A schedule's last run made an incomplete snapshot. */
    PARTIAL,
    /** A schedule's last backup, or one before it, is not like those before it. */
    UNUSUAL,
    /** No backup schedule is enabled. */
    UNPROTECTED,
    /** Never backed up, and no backup is due without a manual start. */
    NOT_YET,
    /** Backed up, but its agent is not connected. */
    OFFLINE,
    /** Somebody has paused its schedules, whatever else is wrong with it. */
    PAUSED,
    /** Never backed up; the first backup is due in the future. */
    WAITING,
    /** Each schedule's last run succeeded. */
    BACKED_UP;

    /** Whether an operator has to act. */
    public boolean needsAttention() {
        return compareTo(OFFLINE) < 0;
    }

    /** Whether the host is backed up without a known problem. */
    public boolean good() {
        return this == OFFLINE || this == BACKED_UP;
    }
}
