package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A change of a repository's password, under way or the last one.
 *
 * @param phase the word of a {@link Phase}
 * @param requestedBy user name
 * @param keyId the new key; absent until it was added
 * @param oldKeyIds keys to remove, separated by spaces
 * @param jobId that adds or removes a key; absent if none does now
 * @param detail why it does not go on, for people; absent if it does
 * @param triedAt when the last such job failed; absent if it did not, or the next one is due
 * @param released whether the old key is removed although something else has its password
 */
public record KeyRotation(
        RepositoryId repositoryId,
        String phase,
        String requestedBy,
        Instant requestedAt,
        Optional<String> keyId,
        String oldKeyIds,
        Optional<JobId> jobId,
        Optional<String> detail,
        Optional<Instant> triedAt,
        boolean released) {

    /** How far it is. */
    public enum Phase {
        /** The new key is added. */
        ADDING,
        /** Both passwords open the repository. */
        PROVING,
        /** All hosts have the new password; the old key is still there. */
        REMOVING,
        FAILED,
        DONE;

        /** The name in JSON and in the database, such as {@code adding}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How far a host is.
     *
     * @param step the last one that was tried, a word of {@link io.resticfleet.protocol.RotateKey.Step}
     * @param jobId of that; absent if it has ended
     * @param confirmedAt when it opened the repository with the new password that it has stored; absent if it has not
     * @param detail why the last step failed; absent if it did not
     * @param triedAt when; absent if it did not, or it is tried again at once
     */
    public record Progress(
            RepositoryId repositoryId,
            HostId hostId,
            String step,
            Optional<JobId> jobId,
            Optional<Instant> confirmedAt,
            Optional<String> detail,
            Optional<Instant> triedAt) {

        public Progress failed(String why, Instant at) {
            return new Progress(
                    repositoryId, hostId, step, Optional.empty(), Optional.empty(), Optional.of(why), Optional.of(at));
        }

        /** After it has opened the repository with the new password, which it has not confirmed. */
        public Progress proven() {
            return new Progress(
                    repositoryId, hostId, step, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }

        public Progress confirmed(Instant at) {
            return new Progress(
                    repositoryId, hostId, step, Optional.empty(), Optional.of(at), Optional.empty(), Optional.empty());
        }
    }

    /** With which password a host opens the repository. */
    public enum Held {
        OLD,
        NEW,
        /** One of its own, which stays. */
        OTHER
    }

    /** One that begins. */
    public static KeyRotation first(RepositoryId id, String by, Instant at) {
        return new KeyRotation(
                id,
                Phase.ADDING.word(),
                by,
                at,
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /** This, with nothing that failed, or that runs. */
    public KeyRotation in(Phase next) {
        return with(next.word(), keyId, oldKeyIds, Optional.empty(), Optional.empty(), Optional.empty(), released);
    }

    /** After the new key was added. */
    public KeyRotation proving(String newKey, String oldKeys) {
        return with(
                Phase.PROVING.word(),
                Optional.of(newKey),
                oldKeys,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                released);
    }

    /** While a job adds or removes a key. */
    public KeyRotation inJob(JobId id) {
        return with(phase, keyId, oldKeyIds, Optional.of(id), detail, Optional.empty(), released);
    }

    /** After such a job has failed. */
    public KeyRotation stopped(String why, Instant at) {
        return with(phase, keyId, oldKeyIds, Optional.empty(), Optional.of(why), Optional.of(at), released);
    }

    /** After a key was removed. */
    public KeyRotation removed(String oldKeys) {
        return with(phase, keyId, oldKeys, Optional.empty(), Optional.empty(), Optional.empty(), released);
    }

    /** With what failed due again at once. */
    public KeyRotation due() {
        return with(phase, keyId, oldKeyIds, jobId, detail, Optional.empty(), released);
    }

    /** After an operator wants it to be tried again. */
    public KeyRotation retried() {
        return with(phase, keyId, oldKeyIds, jobId, detail, Optional.empty(), released || is(Phase.REMOVING));
    }

    private KeyRotation with(
            String newPhase,
            Optional<String> newKey,
            String oldKeys,
            Optional<JobId> job,
            Optional<String> why,
            Optional<Instant> at,
            boolean release) {
        return new KeyRotation(
                repositoryId, newPhase, requestedBy, requestedAt, newKey, oldKeys, job, why, at, release);
    }

    public boolean is(Phase wanted) {
        return phase.equals(wanted.word());
    }

    /** Whether the password of the repository has not been replaced yet. */
    public boolean isPending() {
        return is(Phase.ADDING) || is(Phase.PROVING);
    }

    /** Keys to remove. */
    public List<String> oldKeys() {
        return Stream.of(oldKeyIds.split(" ")).filter(id -> !id.isEmpty()).toList();
    }
}
