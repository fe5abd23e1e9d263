package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.RepositoryKey;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.protocol.RotateKeyResult;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.util.Optional;

/**
 * One step of a change of the repository's password. Each can be repeated: what is done already is not done again.
 *
 * @param restic calls with what the server has granted: of the steps that need it, with the new password
 */
record RotateKeyJob(JobRun job, ResticCalls restic, RotateKey spec) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var stored = job.stored();
        if (spec.needsPassword() && stored.isEmpty()) {
            return Outcome.failed(ErrorCode.SERVER_SILENT, "not run: the server has not sent the new password");
        }
        if (spec.step() != RotateKey.Step.ADD && spec.keyId().isEmpty()) {
            return Outcome.failed(ErrorCode.AGENT_ERROR, "not run: the server has not named the key");
        }
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        return switch (spec.step()) {
            case ADD -> add(stored.get());
            case PROVE, CONFIRM -> open();
            case REMOVE -> remove(spec.keyId().orElseThrow());
        };
    }

    private Outcome add(ToAgent.ConfigUpdate stored)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var present = restic.at(stored);
        var opened = KeyList.of(restic, "new-password");
        var earlier = KeyList.of(present, "stored-password");
        if (!opened.isWrongPassword()) {
            return opened.failure()
                    .or(() -> earlier.failure().filter(failed -> !earlier.isWrongPassword()))
                    .orElseGet(() -> added(opened, earlier));
        }
        if (earlier.failure().isPresent()) {
            return earlier.failure().get();
        }
        job.logMessage("the new password does not open the repository yet, as was expected");
        var environment = job.context().environment();
        var file = environment.newPassword(restic.config().repository());
        try {
            var adding = present.run("key-add", ResticCommand.addKey(file), event -> {});
            if (adding.exitCode() != 0) {
                return ResticCalls.failed(adding);
            }
        } finally {
            environment.removeNewPassword();
        }
        var proof = KeyList.of(restic, "new-password");
        return proof.failure().orElseGet(() -> added(proof, earlier));
    }

    private static Outcome added(KeyList opened, KeyList earlier) {
        return Outcome.succeeded(
                0,
                new RotateKeyResult(
                        opened.current(),
                        earlier.current().filter(id -> !isCurrent(opened, id)),
                        Optional.of(opened.keys())));
    }

    private Outcome open() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var opened = KeyList.of(restic, "keys");
        if (opened.failure().isPresent()) {
            return opened.failure().get();
        }
        var outcome = isCurrent(opened, spec.keyId().orElseThrow())
                ? Outcome.succeeded(0, result(opened))
                : Outcome.failed(
                        0,
                        ErrorCode.OTHER_KEY,
                        "the repository was opened, but not with the new key: this is another repository, or the machine has not"
                                + " received the new password yet");
        return outcome.withResult(result(opened));
    }

    private Outcome remove(String keyId) throws IOException, InterruptedException, JobAborted, ResticMissing {
        var before = KeyList.of(restic, "keys");
        if (before.failure().isPresent()) {
            return before.failure().get();
        }
        if (isCurrent(before, keyId)) {
            return Outcome.failed(
                    0, ErrorCode.OTHER_KEY, "not removed: this machine opens the repository with the old key");
        }
        var old = before.keys().stream()
                .map(RepositoryKey::id)
                .filter(id -> RotateKey.isSame(id, keyId))
                .findFirst();
        if (old.isEmpty()) {
            return Outcome.succeeded(0, result(before)); // removed before
        }
        var removed = restic.run("key-remove", ResticCommand.removeKey(old.get()), event -> {});
        if (removed.exitCode() != 0) {
            return ResticCalls.failed(removed);
        }
        var after = KeyList.of(restic, "keys");
        return after.failure().orElseGet(() -> Outcome.succeeded(0, result(after)));
    }

    private static boolean isCurrent(KeyList list, String keyId) {
        return list.current().filter(id -> RotateKey.isSame(id, keyId)).isPresent();
    }

    private static RotateKeyResult result(KeyList list) {
        return new RotateKeyResult(list.current(), Optional.empty(), Optional.of(list.keys()));
    }
}
