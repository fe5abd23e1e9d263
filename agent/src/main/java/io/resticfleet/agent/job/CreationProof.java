package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Proves that a new repository was created once: that it opens, and has one key.
 *
 * <p>restic stores the key of a new repository before its config, and refuses to create it only if there is a config. Of two machines
 * that create one at the same time, both store a key, and the config belongs to one of them: whether restic opens it then
 * depends on the key that it finds first.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/100_references.html#keys-encryption-and-mac">restic: keys</a>
 */
record CreationProof(JobRun job, ResticCalls restic) {

    /** Waits until any other machine that creates it has stored its key; not if the server lets one machine do so. */
    void await() throws InterruptedException, JobAborted {
        if (job.entry().repositoryId().isEmpty()) {
            job.logMessage("the server has not coordinated this run: making sure that no other machine creates the same"
                    + " repository");
            job.pause(job.context().limits().creation());
        }
    }

    /** Why the repository must not be used; empty if it was created once. */
    Optional<Outcome> problem() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var listed = restic.run("keys", ResticCommand.keys(), event -> {});
        if (listed.exitCode() != 0) {
            var failure = ResticCalls.failed(listed);
            boolean closed = failure.errorCode()
                    .filter(code -> code == ResticFailure.DAMAGED.code() || code == ResticFailure.WRONG_PASSWORD.code())
                    .isPresent();
            return Optional.of(closed ? createdTwice("it does not open") : failure);
        }
        long keys;
        try (var lines = Files.lines(listed.stdout())) {
            keys = lines.filter(Predicate.not(String::isBlank)).count();
        }
        if (keys != 1) {
            return Optional.of(createdTwice("it has " + keys + " keys"));
        }
        job.context().known().proven(restic.url());
        return Optional.empty();
    }

    private static Outcome createdTwice(String evidence) {
        return Outcome.failed(
                ErrorCode.CREATED_TWICE,
                "the new repository was created more than once: " + evidence
                        + ". Another machine created it at the same time, or an earlier attempt was cut short. This machine"
                        + " has saved nothing there");
    }
}
