package io.resticfleet.server.page.text;

import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Severity;

/** Kinds and severities of alerts in words. */
public final class AlertWords {

    private AlertWords() {}

    /** Such as {@code Critical}. */
    public static String of(Severity severity) {
        return switch (severity) {
            case INFO -> "Info";
            case WARNING -> "Warning";
            case CRITICAL -> "Critical";
        };
    }

    /** One of {@code warn bad off}. */
    public static String tone(Severity severity) {
        return switch (severity) {
            case INFO -> "off";
            case WARNING -> "warn";
            case CRITICAL -> "bad";
        };
    }

    /** Such as {@code Backup failed}. */
    public static String of(AlertKind kind) {
        return switch (kind) {
            case BACKUP_STALE -> "No good backup for too long";
            case BACKUP_FAILED -> "Backup failed";
            case BACKUP_MISSED -> "Backup missed";
            case BACKUP_PARTIAL -> "Backed up in part";
            case BACKUP_UNUSUAL -> "Unusual backup";
            case JOB_FAILED -> "Job failed";
            case JOB_MISSED -> "Job missed";
            case DRILL_FAILED -> "Restore not proven";
            case DRILL_OVERDUE -> "No restore proven for long";
            case HOST_OFFLINE -> "Machine offline";
            case HOST_NEVER_CONNECTED -> "Machine never connected";
            case HOST_PAUSED -> "Machine paused for long";
            case HOST_UNPROTECTED -> "Nothing is backed up";
            case SCHEDULES_REFUSED -> "Schedules rejected";
            case SCHEDULES_DRIFTING -> "Schedules not applied";
            case HOST_CLONED -> "Two machines with one identity";
            case HOST_REPLACED -> "Machine replaced";
            case CLOCK_OFF -> "Clock wrong";
            case RESTIC_MISSING -> "restic is missing";
            case AGENT_TOO_OLD -> "Agent too old";
            case HOST_DISK_FULL -> "Machine's disk nearly full";
            case QUOTA_HIT -> "Daily limit reached";
            case REPOSITORY_UNREACHABLE -> "Repository not reachable";
            case REPOSITORY_WRONG_PASSWORD -> "Repository's password is wrong";
            case REPOSITORY_LOCKED -> "Repository locked for long";
            case REPOSITORY_DAMAGED -> "Repository damaged";
            case REPOSITORY_LARGE -> "Repository too large";
            case REPOSITORY_KEY_FOUND -> "Unknown key opens a repository";
            case CHECK_OVERDUE -> "Repository not checked for long";
            case MAINTAINER_AWAY -> "Maintainer is away";
            case SERVER_RESTORED -> "This server was restored: decide";
            case SERVER_DISK_FULL -> "This server's disk nearly full";
            case SERVER_COPY_OVERDUE -> "No fresh copy of this server's database";
            case SERVER_DATABASE_DAMAGED -> "This server's database is damaged";
            case CERTIFICATE_ENDING -> "Certificate expires soon";
            case SIGN_IN_ATTACK -> "Somebody guesses passwords";
            case CHANNEL_FAILING -> "Messages are not delivered";
        };
    }
}
