package io.resticfleet.server.rotation;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.protocol.RotateKeyResult;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.repository.KeyRotation;
import io.resticfleet.server.repository.KeyRotation.Phase;
import io.resticfleet.server.repository.KeyRotations;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Records what the steps of a change of a password found. */
final class RotationResults {

    private static final String NO_REASON = "the job failed without a reason";

    private final KeyRotations rotations;
    private final Audit audit;
    private final InstantSource clock;

    RotationResults(KeyRotations rotations, Audit audit, InstantSource clock) {
        this.rotations = rotations;
        this.audit = audit;
        this.clock = clock;
    }

    /** Records how a step ended; does nothing for one that was replaced, or was recorded before. */
    void ended(Handle tx, Job job) {
        rotations.ofJob(tx, job.id()).ifPresent(rotation -> {
            if (rotation.jobId().equals(Optional.of(job.id()))) {
                if (rotation.is(Phase.ADDING)) {
                    added(tx, rotation, job);
                } else if (rotation.is(Phase.REMOVING)) {
                    removed(tx, rotation, job);
                }
            } else if (rotation.is(Phase.PROVING)) {
                opened(tx, rotation, job);
            }
        });
    }

    private void added(Handle tx, KeyRotation rotation, Job job) {
        var key = succeeded(job).flatMap(RotateKeyResult::keyId).filter(RotationResults::isId);
        if (key.isPresent()) {
            var old = Stream.concat(
                            rotation.oldKeys().stream(),
                            succeeded(job)
                                    .flatMap(RotateKeyResult::earlierKeyId)
                                    .filter(RotationResults::isId)
                                    .stream())
                    .filter(id -> !RotateKey.isSame(id, key.get()))
                    .distinct()
                    .collect(Collectors.joining(" "));
            rotations.put(tx, rotation.proving(key.get(), old));
        } else if (job.status() == JobStatus.INTERRUPTED) {
            rotations.put(tx, rotation.stopped(job.error().orElse(NO_REASON), clock.instant()));
        } else {
            rotations.put(
                    tx,
                    rotation.in(Phase.FAILED)
                            .stopped(
                                    "the new key was not added: " + job.error().orElse(NO_REASON)
                                            + ". The password stays as it was. If a key was added nevertheless, it is listed"
                                            + " with the repository's keys as one that is not expected: remove it",
                                    clock.instant()));
        }
    }

    private void opened(Handle tx, KeyRotation rotation, Job job) {
        var id = rotation.repositoryId();
        var before = rotations.progress(tx, id).get(job.hostId());
        if (before == null || !before.jobId().equals(Optional.of(job.id()))) {
            return;
        }
        boolean proves = before.step().equals(RotateKey.Step.PROVE.word());
        boolean isNew = succeeded(job)
                .flatMap(RotateKeyResult::keyId)
                .flatMap(key -> rotation.keyId().filter(wanted -> RotateKey.isSame(wanted, key)))
                .isPresent();
        if (!isNew) {
            rotations.put(tx, before.failed(reason(job, proves), clock.instant()));
        } else if (proves) {
            rotations.give(tx, job.hostId(), id);
            rotations.put(tx, before.proven());
        } else if (rotations.held(tx, id).get(job.hostId()) == KeyRotation.Held.NEW) {
            rotations.put(tx, before.confirmed(clock.instant()));
        } else {
            rotations.put(tx, before.proven()); // it has got the old one again meanwhile
        }
    }

    private static String reason(Job job, boolean proves) {
        boolean wrong = job.errorCode().map(ErrorCode.Reported::code).equals(Optional.of(ErrorCode.WRONG_PASSWORD));
        return proves && wrong
                ? "the new password does not open the repository from this machine: what is at its location may be another"
                        + " repository with the same password. Compare it with that of the other machines"
                : job.error().orElse(NO_REASON);
    }

    private void removed(Handle tx, KeyRotation rotation, Job job) {
        var first = rotation.oldKeys().stream().findFirst();
        if (succeeded(job).isEmpty() || first.isEmpty()) {
            rotations.put(tx, rotation.stopped(notRemoved(job), clock.instant()));
            return;
        }
        audit.record(
                tx,
                Actor.local("server"),
                "repository.key_removed",
                rotation.repositoryId().value(),
                Map.of("key", first.get()));
        rotations.put(tx, rotation.removed(KeyRotations.without(rotation.oldKeys(), first.get())));
    }

    private static String notRemoved(Job job) {
        var why = job.error().orElse(NO_REASON);
        boolean forbidden = job.errorCode().map(ErrorCode.Reported::code).equals(Optional.of(ErrorCode.FORBIDDEN));
        return forbidden
                ? "the old key is still there, and opens the repository: its server does not let this machine remove anything."
                        + " Set a maintainer whose credentials may remove, then try again; or remove the key with restic key"
                        + " remove where the repository is stored (" + why + ")"
                : "the old key is still there, and opens the repository: " + why;
    }

    private static Optional<RotateKeyResult> succeeded(Job job) {
        return job.stats()
                .filter(stats -> job.status() == JobStatus.SUCCEEDED)
                .flatMap(stats -> stats instanceof RotateKeyResult result ? Optional.of(result) : Optional.empty());
    }

    private static boolean isId(String id) {
        return id.matches("[0-9a-f]{8,64}");
    }
}
