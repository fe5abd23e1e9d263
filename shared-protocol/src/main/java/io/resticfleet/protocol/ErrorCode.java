package io.resticfleet.protocol;

import static io.resticfleet.protocol.ErrorCode.Retry.LATER;
import static io.resticfleet.protocol.ErrorCode.Retry.NEVER;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Why a job failed or was only partly done, for programs. A code of a newer agent is {@link #UNKNOWN} here; {@link Reported}
 * keeps its text. {@code docs/error-codes.md} is generated from this table.
 */
public enum ErrorCode {
    LOCKED(
            LATER,
            "the repository is locked",
            "Another restic is using the repository, or one that crashed left its lock. If nothing is running there, remove"
                    + " stale locks; locks in use stay."),
    WRONG_PASSWORD(
            NEVER,
            "the repository password is wrong; correct it in the host's repository settings",
            CommonAdvice.CORRECT_REPOSITORY),
    PASSWORD_MISSING(
            NEVER,
            "the repository password is empty; set it in the host's repository settings",
            CommonAdvice.CORRECT_REPOSITORY),
    AUTH(
            NEVER,
            "the backup server refused the user name or password (401); correct them in the host's repository settings",
            CommonAdvice.CORRECT_REPOSITORY),
    SSH_KEY_REFUSED(
            NEVER,
            "the backup server accepts no ssh key of this machine",
            "Add the machine's public key, which the host's repository settings show, to ~/.ssh/authorized_keys of the user"
                    + " on the backup server. The directory and the file must belong to that user, who alone may write there."),
    NO_REPOSITORY(NEVER, "no repository is set for this host yet", CommonAdvice.CORRECT_REPOSITORY),
    FORBIDDEN(
            NEVER,
            "the backup server forbids this (403); an append-only server does not delete: run forget and prune"
                    + " from a host that may",
            "An append-only server does not allow deletions. Run forget and prune on a machine with full access."),
    CERTIFICATE(
            LATER,
            "the backup server's certificate is not trusted by this machine",
            "Install the certificate of the backup server's issuer on the machine, renew one that has expired, use the host"
                    + " name that the certificate names, and check the machine's clock."),
    HOST_KEY_CHANGED(
            NEVER,
            "the backup server shows another ssh host key than the confirmed one; nothing was sent to it",
            "Compare the key with the server's own, on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. If it"
                    + " was changed on purpose, confirm the new one in the host's repository settings, or on the machine"
                    + " remove the old one with ssh-keygen -R. If not, somebody may intercept the connection."),
    HOST_KEY(
            NEVER,
            "ssh does not know the backup server's host key",
            "Confirm the key in the host's repository settings. Or, on the machine, as root, connect once with ssh to the"
                    + " backup server and compare the key it prints with the server's."),
    WRONG_REGION(
            NEVER,
            "the S3 server does not accept the region",
            "Set AWS_DEFAULT_REGION of the repository to the region of the bucket, or leave it out."),
    PROGRAM_MISSING(
            NEVER,
            "restic needs another program for this repository, which is missing on the machine",
            "Install rclone on the machine for an rclone repository, OpenSSH's client for an sftp repository."),
    BACKEND_MISSING(
            NEVER,
            "the machine's restic was built without this kind of repository",
            "Install restic from https://github.com/restic/restic/releases: Debian's has no azure since Debian 13. Or use rclone."),
    REMOTE_MISSING(
            NEVER,
            "rclone on the machine has no remote of this name",
            "Set up the remote on the machine, in the rclone.conf below the agent's home, or correct its name."),
    READ_ONLY(
            NEVER,
            "the file system of the repository is mounted read-only",
            "Check the disk, as Linux mounts it read-only after errors. Then mount it with write access."),
    TOO_LARGE(
            NEVER,
            "the backup server or a proxy before it refuses requests of this size (413)",
            "Raise the proxy's limit for request bodies to 128 MiB or more, as with client_max_body_size of nginx."),
    THROTTLED(
            LATER,
            "the backup server has too many requests (429)",
            "The run is tried again. If it happens often, start the machines' schedules at different times."),
    NO_SPACE(
            LATER,
            "no space left at the repository or on this machine; free some",
            "Free some space there. In the repository, keep fewer snapshots and run a prune."),
    REPO_EXISTS(LATER, "the repository already exists", "Use it as it is, or choose another location."),
    REPO_NOT_FOUND(
            NEVER,
            "there is no repository at the configured location",
            "There is no repository at this location. If it is new, create it; otherwise correct the location. A job without a"
                    + " schedule runs no hooks: if hooks mount the repository, make a schedule of this kind with them, or run"
                    + " restic on the machine."),
    NOT_EMPTY(
            NEVER,
            "a new repository cannot be created where other files are",
            "Choose a directory that is empty or does not exist yet."),
    CREATED_TWICE(
            NEVER,
            "the new repository was created more than once, so that it may not open again",
            "The machine of this job has saved nothing there. If no other machine has, delete all files of the repository and"
                    + " run the backup again, which creates it once. Otherwise remove the key that does not open it, with"
                    + " restic key list and restic key remove."),
    OTHER_KEY(
            NEVER,
            "the repository was opened with another key than expected",
            "The machine's location may be that of another repository with the same password: compare it with that of the"
                    + " other machines. Or the machine has not received the new password yet; it is tried again."),
    REPOSITORY_GONE(
            NEVER,
            "the repository is not where it was before",
            "The repository was there before. Check that its disk is mounted and that its server serves the right folder."
                    + " It is not created again, as that would hide the loss."),
    REPOSITORY_CHANGED(
            LATER,
            "the machine's repository was changed after this job was sent",
            "Run it again: it then uses the machine's present repository."),
    NOT_MAINTAINER(
            NEVER,
            "another machine looks after this repository, and alone removes from it",
            "Move this schedule to the repository's maintainer, or make this machine the maintainer on the repository's page."),
    SERVER_SILENT(
            LATER,
            "the server, which decides what is removed from a repository, has not answered",
            "Check that the machine is connected to its server. Backups do not need it; what removes from a repository does."),
    NETWORK(
            LATER,
            "repository unreachable; check the backup server and the network",
            "Check that the backup server is running and that the machine can reach it. The run is tried again at the next"
                    + " due time. A job without a schedule runs no hooks: if hooks open a tunnel, make a schedule of this kind"
                    + " with them."),
    STOPPED(
            LATER,
            "restic was stopped by a signal from outside the agent",
            "Find out on the machine what stopped it, for example with: journalctl"),
    CACHE_DIR(
            LATER,
            "restic cannot use its cache directory; make sure that the agent's state directory is writable",
            "Make sure that the agent's state directory is writable and its disk is not full."),
    DAMAGED(
            NEVER,
            "the repository is damaged; run a check, and follow restic's guide to repairing a repository",
            "Stop prunes, and check the disk or the server that holds it. Then run in this order: a check that reads all data,"
                    + " to know the damage; repair_index, after which the backups save again what was lost and still exists;"
                    + " and repair_snapshots, which leaves out what is lost for good. If a second repository has the data, get"
                    + " it from there first."),
    SNAPSHOT_NOT_FOUND(
            LATER, "there is no such snapshot", "Refresh the list of snapshots; retention may have removed it."),
    PATH_MISSING(
            NEVER,
            "none of the paths exist",
            "Correct the paths, or mount what is missing. Until then old snapshots are kept."),
    PATH_UNRESPONSIVE(
            LATER,
            "a path did not respond, as with a dead network mount, and was left out",
            "Check the mount on the machine; the paths that responded were saved. Old snapshots are kept until a backup has"
                    + " all paths."),
    PATH_IS_SYMLINK(
            NEVER,
            "a path is a symbolic link, and only the link was saved, not its target",
            "Put the target into the schedule's paths, or allow symbolic links in its options if only the link is meant."
                    + " Until then old snapshots are kept."),
    PATH_IS_SPECIAL(
            NEVER,
            "a path is a device, pipe or socket, whose content restic does not save",
            "Remove it from the schedule's paths. Until then old snapshots are kept."),
    SOURCE_EMPTY(
            NEVER,
            "a path has no files in it",
            "Check on the machine that the path is mounted and has its files. " + CommonAdvice.MEANT),
    SOURCE_SHRUNK(
            NEVER,
            "far less was there to be saved than the last time",
            "Check on the machine that all disks are mounted and the files are there. " + CommonAdvice.MEANT),
    BACKUP_SHRUNK(
            NEVER,
            "the snapshot has much less than those before it",
            "Look at what is missing, by comparing this snapshot with an earlier one. " + CommonAdvice.LOOKED),
    DATA_INCOMPRESSIBLE(
            NEVER,
            "much new data did not compress, although the schedule's earlier data did",
            "Files may have been encrypted by an attacker: open some of them on the machine. " + CommonAdvice.LOOKED),
    NOTHING_SAVED(
            NEVER,
            "the excludes left no file to be saved, of all paths or of one",
            "Correct the schedule's excludes. " + CommonAdvice.MEANT),
    PERMISSION_DENIED(
            LATER,
            "permission denied; make sure that the agent may read and write what the job needs",
            "The agent lacks permission to read or write something it needs. By default it runs as root."),
    USAGE(
            NEVER,
            "restic rejected its arguments",
            "The log contains what restic rejected. Correct the schedule's options, or install a newer restic."),
    LOCAL_FILE(LATER, "a file that restic needs does not exist", "The log names the file."),
    FILES_UNREADABLE(
            LATER,
            "some files could not be read",
            "The log names the files. Exclude them, or allow the agent to read them."),
    CRASHED(LATER, "restic crashed or ran out of memory", CommonAdvice.OUT_OF_MEMORY),
    PANIC(
            LATER,
            "restic crashed because of a fault of its own",
            "Check the repository. If it is sound, install the newest restic on the machine, or report the crash at"
                    + " https://github.com/restic/restic/issues."),
    BAD_FILE(
            LATER,
            "restic crashes at a file of the repository",
            "Move the named file out of the repository, and keep it; config has to be restored from a copy, and a file in locks"
                    + " is removed with all locks. Then run a check, and let nothing be pruned before, as a prune removes the"
                    + " data of a snapshot whose file is missing. No restic writes such a file: find out who else can write to the"
                    + " repository, or what has damaged it."),
    KILLED(LATER, "restic was killed, possibly because the machine ran out of memory", CommonAdvice.OUT_OF_MEMORY),
    RESTIC_MISSING(
            NEVER,
            "no usable restic is installed on the machine",
            "Install restic on the machine, for example with: apt install restic"),
    RESTIC_TOO_OLD(
            NEVER,
            "the machine's restic is too old for this",
            "Install a newer restic on the machine, or run this on another machine that uses the repository."),
    COPY_CONFLICT(
            NEVER,
            "restic cannot copy between these two repositories, as it has one environment for both",
            "Use the same credentials, certificate and ssh settings for both repositories, give one of them another kind of"
                    + " address, such as rest: or rclone:, or let another machine back up to the second one."),
    COPY_INCOMPLETE(
            LATER,
            "snapshots are missing in the repository that was copied to, although restic reported no error",
            "Run the copy again. If the same snapshots stay missing, check both repositories."),
    RESTORE_NOT_ALLOWED(
            NEVER,
            "the machine's policy does not allow this restore, and its owner has not approved it",
            "Restore to a new folder, which is always allowed; or have the machine's owner approve it there with"
                    + " restic-fleet-agent approve CODE, within the hour before it runs; or have restore_roots or"
                    + " restore_in_place set in /etc/restic-fleet/policy.json."),
    UNSAFE_TARGET(
            NEVER,
            "files are not restored to this place, as they could end up elsewhere, or replace what the agent needs",
            "The job's error names the place. Restore to a new folder, and move the files from there."),
    NOT_IN_SNAPSHOT(
            NEVER,
            "a path is not in the snapshot; nothing was restored",
            "Correct the paths, or choose another snapshot."),
    RESTORE_INCOMPLETE(
            NEVER,
            "some files were not restored",
            "The job's log names them. If it was no new folder, they may be half written. Then restore them again."),
    DRILL_MISMATCH(
            NEVER,
            "a file that a drill tried could not be restored, or is not the file that was saved",
            "Compare the file on the machine with the one in the snapshot, and run a check that reads all data. If the machine's"
                    + " file is damaged, its disk may be failing: restore the file. If the snapshot's is, the repository is"
                    + " damaged: keep the machine's files."),
    DRILL_CANARY_MISSING(
            NEVER,
            "a file that each drill has to restore is not in the snapshot",
            "Find out why the backup lacks the file: it may have been deleted, excluded or moved. If that is meant, take it"
                    + " out of the drill's canaries."),
    DRILL_EMPTY(
            NEVER,
            "a drill found no file that it could restore",
            "A drill needs at least one file that fits into its size and into the free space of the machine's disk. Allow more"
                    + " bytes, or free some space."),
    LOCALE(
            NEVER,
            "a path has characters that Java cannot pass on in the agent's locale",
            "Start the agent with LANG=C.UTF-8."),
    HOOKS_REFUSED(
            NEVER,
            "the machine's policy does not allow the schedule's hooks",
            "The owner of the machine defines in /etc/restic-fleet/policy.json, on the machine, which hooks may run."),
    HOOK_FAILED(NEVER, "a hook exited with a code other than 0", "The log contains the hook's output."),
    POLICY_REPOSITORY(
            NEVER,
            "the machine's policy does not allow this repository",
            "Use a repository that the machine allows, or have its owner allow this one in"
                    + " /etc/restic-fleet/policy.json: its kind in repositories, insecure_tls or cloud_role."),
    POLICY_RETENTION(
            NEVER,
            "the machine's policy does not allow the removal of snapshots",
            "Have the machine's owner set retention in /etc/restic-fleet/policy.json, or run this on another machine."),
    POLICY_PRUNE(
            NEVER,
            "the machine's policy does not allow the removal of data or of locks in use",
            "Have the machine's owner set prune in /etc/restic-fleet/policy.json, or run this on another machine."),
    POLICY_RUN_TOO_LONG(
            NEVER,
            "the run took longer than the machine's policy allows, and was stopped",
            "Let each schedule back up less, or have the machine's owner raise longest_run in"
                    + " /etc/restic-fleet/policy.json."),
    RETENTION_REFUSED(
            NEVER, "the retention policy would remove every snapshot, and was not applied", "Keep more snapshots."),
    RETENTION_HELD(
            NEVER,
            "an earlier backup was not complete, or not like those before it, so no snapshots are removed",
            "Look at that run first. Snapshots are removed again once it is accepted; if it was not complete, also after a"
                    + " complete backup."),
    CANCELLED(NEVER, "the job was cancelled", ""),
    INTERRUPTED(
            LATER,
            "the machine, the agent or restic stopped while the job was running, and its result is unknown",
            "It runs again at the next due time, or with Run now."),
    RESULT_LOST(
            LATER,
            "the result was damaged on the machine's disk",
            "Check the machine's disk, and whether the snapshot exists."),
    PAUSED(NEVER, "somebody had paused the machine", "Its schedules run again when it is resumed."),
    AGENT_ERROR(LATER, "the agent failed", "See the agent's log on the machine: journalctl -u restic-fleet-agent"),
    UNKNOWN(LATER, "restic failed", "");

    /** Whether a failed run can succeed later without any change. */
    public enum Retry {
        LATER,
        NEVER
    }

    private final Retry retry;
    private final String meaning;
    private final String advice;

    ErrorCode(Retry retry, String meaning, String advice) {
        this.retry = retry;
        this.meaning = meaning;
        this.advice = advice;
    }

    /** {@link #UNKNOWN} for a code that is not in the table. */
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

    /** The cause, as part of a sentence. */
    public String meaning() {
        return meaning;
    }

    /** What to do about it, in sentences; empty if there is no advice. */
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
        public Reported {
            word = Limit.cut(word, Limit.NAME);
        }

        /** {@link #UNKNOWN} if it is not in the table. */
        public ErrorCode code() {
            return of(word);
        }

        @Override
        public String toString() {
            return word;
        }
    }
}
