package io.resticfleet.protocol;

import static io.resticfleet.protocol.ErrorCode.Retry.IN_VAIN;
import static io.resticfleet.protocol.ErrorCode.Retry.WORTHWHILE;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Why a job did not go well, for programs. The list grows: what a newer agent sends is {@link #UNKNOWN} here, and {@link
 * Reported} keeps its word. {@code docs/error-codes.md} is made from this table.
 */
public enum ErrorCode {
    LOCKED(
            WORTHWHILE,
            "the repository is locked",
            "Another restic uses the repository, or one that crashed left its lock. If nothing runs there, remove what is"
                    + " stale; live locks stay."),
    WRONG_PASSWORD(
            IN_VAIN,
            "the repository password is wrong; correct it in the host's repository settings",
            Words.CORRECT_REPOSITORY),
    PASSWORD_MISSING(
            IN_VAIN,
            "the repository password is empty; set it in the host's repository settings",
            Words.CORRECT_REPOSITORY),
    AUTH(
            IN_VAIN,
            "the backup server refused the user name or password (401); correct them in the host's repository settings",
            Words.CORRECT_REPOSITORY),
    NO_REPOSITORY(
            IN_VAIN, "this machine was not told of a repository yet; set one for the host", Words.CORRECT_REPOSITORY),
    FORBIDDEN(
            IN_VAIN,
            "the backup server forbids this (403); an append-only server refuses to delete: run forget and prune"
                    + " from a host that may",
            "An append-only server lets nobody delete. Run forget and prune from a machine that may."),
    NO_SPACE(
            WORTHWHILE,
            "there is no space left where the repository is, or on this machine; free some",
            "Make room there. Fewer snapshots and a prune free space in the repository."),
    REPO_EXISTS(WORTHWHILE, "the repository exists already", "Use it as it is, or name another place."),
    REPO_NOT_FOUND(
            IN_VAIN,
            "there is no repository at the configured place",
            "There is no repository at that place. If it is meant to be new, create it; if not, correct where it is."),
    NOT_EMPTY(
            IN_VAIN,
            "a new repository was to be made where other files are",
            "Name an empty directory, or one that is not there yet."),
    REPOSITORY_GONE(
            IN_VAIN,
            "the repository is not where it was before",
            "See that its disk is mounted and its server shares the right folder. It is not created again, as that would"
                    + " hide that the old one is gone."),
    NETWORK(
            WORTHWHILE,
            "repository unreachable; is the backup server up, and the network?",
            "See that the backup server is up and that the machine reaches it. The next due time tries again."),
    STOPPED(
            WORTHWHILE,
            "restic was stopped by a signal that did not come from this agent",
            "Find out on the machine who stopped it, such as by: journalctl"),
    CACHE_DIR(
            WORTHWHILE,
            "restic cannot use its cache directory; see that the agent's state dir is writable",
            "See that the agent's state directory is writable, and its disk not full."),
    DAMAGED(
            IN_VAIN,
            "the repository is damaged; run a check, and see restic's guide to repairing a repository",
            "Let restic verify the repository before anything else."),
    SNAPSHOT_NOT_FOUND(
            WORTHWHILE, "there is no such snapshot", "Refresh the list of snapshots; retention may have removed it."),
    PATH_MISSING(IN_VAIN, "none of the paths exist", "Correct the paths, or mount what is missing."),
    PERMISSION_DENIED(
            WORTHWHILE,
            "permission denied; see that the agent may read and write what the job needs",
            "The agent may not read or write something it needs. By default it runs as root."),
    USAGE(
            IN_VAIN,
            "restic did not accept how it was called",
            "The log has what restic refused. Correct the schedule's options, or install a newer restic."),
    LOCAL_FILE(WORTHWHILE, "a file that restic needs is not there", "The log names the file."),
    FILES_UNREADABLE(
            WORTHWHILE,
            "some files could not be read",
            "The log names the files. Leave them out, or let the agent read them."),
    CRASHED(WORTHWHILE, "restic crashed or ran out of memory", Words.OUT_OF_MEMORY),
    KILLED(WORTHWHILE, "restic was killed; was the machine out of memory?", Words.OUT_OF_MEMORY),
    RESTIC_MISSING(
            IN_VAIN,
            "there is no restic on the machine that can be used",
            "Install restic on the machine, such as by: apt install restic"),
    LOCALE(
            IN_VAIN,
            "a path has letters that Java cannot pass on in the agent's locale",
            "Start the agent with LANG=C.UTF-8."),
    HOOKS_REFUSED(
            IN_VAIN,
            "the machine's policy does not allow the schedule's hooks",
            "On the machine, its owner sets in /etc/restic-fleet/policy.json which hooks may run."),
    HOOK_FAILED(IN_VAIN, "a hook did not end with exit code 0", "The log has what the hook printed."),
    POLICY_REPOSITORY(
            IN_VAIN,
            "the machine's policy does not allow this kind of repository",
            "Use a repository of a kind that the machine allows, or let its owner allow this kind in"
                    + " /etc/restic-fleet/policy.json."),
    POLICY_RUN_TOO_LONG(
            IN_VAIN,
            "the run took longer than the machine's policy allows, and was stopped",
            "Let the schedule back up less at a time, or let the machine's owner raise longest_run in"
                    + " /etc/restic-fleet/policy.json."),
    RETENTION_REFUSED(
            IN_VAIN,
            "the retention policy would remove every snapshot, and was not applied",
            "Let the schedule keep more snapshots."),
    CANCELLED(IN_VAIN, "somebody stopped the job", ""),
    INTERRUPTED(
            WORTHWHILE,
            "the machine, the agent or restic went down while the job ran, and its end is not known",
            "The next due time, or Run now, does it again."),
    RESULT_LOST(
            WORTHWHILE,
            "the result was damaged on the machine's disk",
            "Check the machine's disk, and whether the snapshot is there."),
    AGENT_ERROR(
            WORTHWHILE,
            "the agent could not do this",
            "See the agent's log on the machine: journalctl -u restic-fleet-agent"),
    UNKNOWN(WORTHWHILE, "restic failed", "");

    /** Whether a run that failed of it can succeed a little later, though nobody has done anything. */
    public enum Retry {
        WORTHWHILE,
        IN_VAIN
    }

    private final Retry retry;
    private final String meaning;
    private final String advice;

    ErrorCode(Retry retry, String meaning, String advice) {
        this.retry = retry;
        this.meaning = meaning;
        this.advice = advice;
    }

    /** {@link #UNKNOWN} for a word that is not in the table. */
    public static ErrorCode of(String word) {
        return Stream.of(values())
                .filter(code -> code.word().equals(word))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** On the wire and in the database, such as {@code wrong_password}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Retry retry() {
        return retry;
    }

    /** What it is, as part of a sentence. */
    public String meaning() {
        return meaning;
    }

    /** What to do about it, in sentences; empty if there is nothing to advise. */
    public String advice() {
        return advice;
    }

    public Reported reported() {
        return new Reported(word());
    }

    /**
     * A code as an agent sent it.
     *
     * @param word of the table, or of a newer agent's
     */
    public record Reported(@JsonValue String word) {

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public Reported {}

        /** {@link #UNKNOWN} if it is not in the table. */
        public ErrorCode code() {
            return of(word);
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** Advice that several codes share. */
    private static final class Words {
        static final String CORRECT_REPOSITORY = "Correct what opens the repository, then run it again.";
        static final String OUT_OF_MEMORY = "Often the machine was out of memory; its own log says so.";

        private Words() {}
    }
}
