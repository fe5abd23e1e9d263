package io.resticfleet.server.alert;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/** What is wrong. */
public enum AlertKind {
    BACKUP_STALE("no good backup of a schedule, or of a machine, for longer than is allowed"),
    BACKUP_FAILED("the last run of a backup schedule failed"),
    BACKUP_MISSED("the last due time of a backup schedule passed without a run"),
    BACKUP_PARTIAL("the last run of a backup schedule saved only a part"),
    BACKUP_UNUSUAL("the last run of a backup schedule is not like those before it, so no snapshots are removed"),
    JOB_FAILED("the last run of another schedule (forget, prune, check, copy, stats) failed"),
    JOB_MISSED("the last due time of another schedule passed without a run"),
    DRILL_FAILED("a drill could not prove that files can be restored"),
    DRILL_OVERDUE("no restore was proven for too long"),
    HOST_OFFLINE("the agent of a machine is not connected"),
    HOST_NEVER_CONNECTED("a machine is enrolled, but its agent has never connected"),
    HOST_PAUSED("a machine makes no backups for a week or longer, as somebody paused it"),
    HOST_UNPROTECTED("a machine has no enabled backup schedule"),
    SCHEDULES_REFUSED("the agent refuses the schedules of its machine"),
    SCHEDULES_DRIFTING("the agent applies other schedules than the server holds"),
    HOST_CLONED("two agents use the identity of one machine"),
    HOST_REPLACED("another machine has taken the place of a machine's former one"),
    CLOCK_OFF("the clock of a machine is wrong"),
    RESTIC_MISSING("a machine has no restic that can be used"),
    AGENT_TOO_OLD("the agent of a machine is older than the server allows, or than the one it offers"),
    HOST_DISK_FULL("the disk that holds the agent's state is nearly full"),
    QUOTA_HIT("a machine reports more than it may add in a day"),
    REPOSITORY_UNREACHABLE("a repository cannot be reached"),
    REPOSITORY_WRONG_PASSWORD("the password does not open a repository"),
    REPOSITORY_LOCKED("a repository has been locked for long"),
    REPOSITORY_DAMAGED("a repository is damaged"),
    REPOSITORY_LARGE("a repository is larger than its limit, or will soon be"),
    REPOSITORY_KEY_FOUND("a key that nobody has confirmed opens a repository"),
    CHECK_OVERDUE("a repository was not checked for too long"),
    MAINTAINER_AWAY("the machine that maintains a repository is away, so nothing is removed"),
    SERVER_RESTORED("the server's database knows less than agents, as after a restore, and somebody has to decide"),
    SERVER_DISK_FULL("the disk of the server's data directory is nearly full"),
    SERVER_COPY_OVERDUE("there is no fresh copy of the server's database"),
    SERVER_DATABASE_DAMAGED("the server's database is damaged"),
    CERTIFICATE_ENDING("the server's certificate ends soon"),
    SIGN_IN_ATTACK("somebody tries many passwords"),
    CHANNEL_FAILING("messages to a channel cannot be delivered");

    private final String meaning;

    AlertKind(String meaning) {
        this.meaning = meaning;
    }

    /** A sentence for people, without capital and full stop. */
    public String meaning() {
        return meaning;
    }

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
