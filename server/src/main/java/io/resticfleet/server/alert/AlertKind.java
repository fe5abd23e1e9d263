package io.resticfleet.server.alert;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/** What is wrong. */
public enum AlertKind {
    /** No good backup of a schedule, or of a host, for too long. */
    BACKUP_STALE,
    /** The last run of a backup schedule failed. */
    BACKUP_FAILED,
    /** The last due time of a backup schedule has no run. */
    BACKUP_MISSED,
    /** The last run of a backup schedule saved only a part. */
    BACKUP_PARTIAL,
    /** The last run of a backup schedule is not like those before it, so no snapshots are removed. */
    BACKUP_UNUSUAL,
    /** The last run of another schedule (forget, prune, check, copy, stats) failed. */
    JOB_FAILED,
    /** The last due time of another schedule has no run. */
    JOB_MISSED,
    DRILL_FAILED,
    /** No restore was proven for too long. */
    DRILL_OVERDUE,
    HOST_OFFLINE,
    /** Enrolled, but its agent has never connected. */
    HOST_NEVER_CONNECTED,
    /** A week or longer without backups, as somebody paused it. */
    HOST_PAUSED,
    /** No backup schedule is enabled. */
    HOST_UNPROTECTED,
    SCHEDULES_REFUSED,
    /** The agent applies another version of the schedules than the server's. */
    SCHEDULES_DRIFTING,
    /** Two agents use one identity. */
    HOST_CLONED,
    /** Another machine has taken the place of a host's former one. */
    HOST_REPLACED,
    CLOCK_OFF,
    RESTIC_MISSING,
    AGENT_TOO_OLD,
    /** The disk of the agent's state directory is nearly full. */
    HOST_DISK_FULL,
    /** A host reports more than it may add in a day. */
    QUOTA_HIT,
    REPOSITORY_UNREACHABLE,
    REPOSITORY_WRONG_PASSWORD,
    REPOSITORY_LOCKED,
    REPOSITORY_DAMAGED,
    /** Larger than its limit, or forecast to be soon. */
    REPOSITORY_LARGE,
    /** A key that nobody has confirmed opens it. */
    REPOSITORY_KEY_FOUND,
    CHECK_OVERDUE,
    /** The repository's maintainer is away: nothing is removed. */
    MAINTAINER_AWAY,
    /** The database knows less than agents, as after a restore; somebody has to decide. */
    SERVER_RESTORED,
    SERVER_DISK_FULL,
    /** No fresh copy of the server's own database. */
    SERVER_COPY_OVERDUE,
    SERVER_DATABASE_DAMAGED,
    CERTIFICATE_ENDING,
    SIGN_IN_ATTACK,
    /** Messages to a channel cannot be delivered. */
    CHANNEL_FAILING;

    /** The name in JSON and in the database, such as {@code backup_failed}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such kind */
    public static AlertKind of(String word) {
        return Stream.of(values())
                .filter(kind -> kind.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of alert is called '" + word + "'"));
    }
}
