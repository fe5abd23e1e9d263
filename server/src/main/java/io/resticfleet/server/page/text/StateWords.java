package io.resticfleet.server.page.text;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Pause;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.status.HostState;
import io.resticfleet.server.status.HostStatus;
import java.util.Optional;
import java.util.stream.Collectors;

/** States in words, with a colour for each. The words are sufficient without the colour. */
public final class StateWords {

    private static final String STOPPING = "stopping";

    private StateWords() {}

    /** Such as {@code Backup failed}. */
    public static String of(HostStatus status) {
        return switch (status.state()) {
            case FAILED -> kind(status.culprit()) + " failed";
            case MISSED -> kind(status.culprit()) + " missed";
            case DRILL_FAILED -> "Restore not proven: drill failed";
            case CLONED -> "Two machines with one identity";
            case NEVER_SEEN -> "Never connected";
            case RESTIC_MISSING -> "restic is missing";
            case REFUSED -> "Schedules rejected";
            case PARTIAL -> "Backed up in part";
            case UNUSUAL -> "Unusual backup";
            case UNPROTECTED -> "Nothing is backed up";
            case NOT_YET -> "Not backed up yet";
            case OFFLINE -> "Backed up, now offline";
            case PAUSED -> "Paused";
            case WAITING -> "Waiting for first backup";
            case BACKED_UP -> "Backed up";
        };
    }

    /** What to do, or details of the state; empty if there is nothing to add. */
    public static String more(HostStatus status) {
        return switch (status.state()) {
            case FAILED, MISSED, DRILL_FAILED, PARTIAL, UNUSUAL ->
                status.culprit().flatMap(JobSummary::error).orElse("");
            case CLONED -> clones(status);
            case NEVER_SEEN -> "run the install command on the machine; its agent has not connected yet";
            case RESTIC_MISSING ->
                "the agent finds no usable restic, so nothing can be backed up: install it on the machine, such as with"
                        + " apt install restic";
            case REFUSED -> status.version().refused().orElse("");
            case UNPROTECTED -> "it has no enabled backup schedule";
            case NOT_YET -> "all its schedules are manual; run one of them";
            case PAUSED ->
                status.pause().map(Pause::words).orElse("")
                        + "; no schedule runs until it is resumed, only what somebody starts";
            case OFFLINE, WAITING, BACKED_UP -> "";
        };
    }

    /** One of {@code ok warn bad off run}. */
    public static String tone(HostState state) {
        return switch (state) {
            case FAILED, MISSED, DRILL_FAILED, CLONED, NEVER_SEEN, RESTIC_MISSING, REFUSED -> "bad";
            case PARTIAL, UNUSUAL, UNPROTECTED, NOT_YET -> "warn";
            case OFFLINE, PAUSED, WAITING -> "off";
            case BACKED_UP -> "ok";
        };
    }

    /** Such as {@code succeeded}, after the name of a job. */
    public static String of(JobStatus status) {
        return switch (status) {
            case QUEUED -> "waiting";
            case RUNNING -> "running";
            case SUCCEEDED -> "succeeded";
            case PARTIAL -> "partial";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
            case INTERRUPTED -> "interrupted";
            case MISSED -> "missed";
        };
    }

    /** As {@link #of(JobStatus)}; {@code stopping} from the request to cancel until the end. */
    public static String of(Job job) {
        return job.stopping() ? STOPPING : of(job.status());
    }

    /** As {@link #of(Job)}. */
    public static String of(JobSummary job) {
        return job.stopping() ? STOPPING : of(job.status());
    }

    public static String tone(JobStatus status) {
        return switch (status) {
            case QUEUED, CANCELLED -> "off";
            case RUNNING -> "run";
            case SUCCEEDED -> "ok";
            case PARTIAL -> "warn";
            case FAILED, INTERRUPTED, MISSED -> "bad";
        };
    }

    /** Such as {@code Backup}. */
    public static String of(JobKind kind) {
        return switch (kind) {
            case BACKUP -> "Backup";
            case FORGET -> "Forget";
            case PRUNE -> "Prune";
            case CHECK -> "Check";
            case INIT -> "Init";
            case UNLOCK -> "Unlock";
            case SNAPSHOTS -> "Snapshot list";
            case PROBE -> "Repository test";
            case STATS -> "Statistics";
            case COPY -> "Copy";
            case DRILL -> "Drill";
            case REPAIR_INDEX -> "Index repair";
            case REPAIR_SNAPSHOTS -> "Snapshot repair";
            case ROTATE_KEY -> "Change of the password";
            case RESTORE -> "Restore";
        };
    }

    private static String clones(HostStatus status) {
        var instances = status.clones().stream()
                .map(instance -> instance.hostname() + " at " + instance.address())
                .collect(Collectors.joining(" and "));
        return instances
                + ": one is a copy of the other. Both make backups, and only one at a time is connected. Enrol one of"
                + " them again: stop its agent, move /var/lib/restic-fleet-agent away, and run a new install command";
    }

    private static String kind(Optional<JobSummary> job) {
        return job.map(found -> of(found.kind())).orElse("Backup");
    }
}
