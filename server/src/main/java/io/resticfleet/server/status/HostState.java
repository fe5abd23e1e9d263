package io.resticfleet.server.status;

/** What is to be said first of a host; the worst comes first. What it is doing now is another matter. */
public enum HostState {
    /** A schedule's last run failed, or nobody knows how it ended. */
    FAILED,
    /** A schedule was due and did not run, and has not run since. */
    MISSED,
    /** Two agents live under its identity, as on a machine and its clone. */
    CLONED,
    /** Enrolled, but its agent has never connected. */
    NEVER_SEEN,
    /** Its agent will not obey the newest schedules. */
    REFUSED,
    /** A schedule's last run made a snapshot, but not of everything. */
    PARTIAL,
    /** No backup schedule is enabled. */
    UNPROTECTED,
    /** Never backed up, and nothing will do so unless somebody asks. */
    NOT_YET,
    /** All is well as far as is known, but its agent is not connected. */
    OFFLINE,
    /** Never backed up; the first time is to come. */
    WAITING,
    /** Each schedule's last run succeeded. */
    BACKED_UP;

    /** Whether somebody has to do something. */
    public boolean needsYou() {
        return compareTo(OFFLINE) < 0;
    }

    /** Whether there is a backup of it, and nothing to say against it. */
    public boolean good() {
        return this == OFFLINE || this == BACKED_UP;
    }
}
