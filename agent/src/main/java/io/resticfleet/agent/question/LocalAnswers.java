package io.resticfleet.agent.question;

import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.path.PathInspector;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.reading.SnapshotAnswers;
import io.resticfleet.agent.restic.SshSetup;
import io.resticfleet.agent.restore.RestoreRequest;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.SshAccess;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Answers from this machine, with one class for each kind of question. */
public record LocalAnswers(
        Fstab fstab,
        SshSetup ssh,
        LockQuestion lockQuestion,
        Restores restores,
        SnapshotAnswers snapshots,
        PolicyFile policy,
        LongSupplier nanos)
        implements Answerer {

    @Override
    public Reply answer(Ask ask, BooleanSupplier over) {
        return ask.match(new Ask.Cases<>() {
            @Override
            public Reply path(Ask.Path path) {
                return PathInspector.counting(fstab, nanos, over).inspect(path);
            }

            @Override
            public Reply ssh(Ask.Ssh question) {
                return access(question, over);
            }

            @Override
            public Reply locks(Ask.Locks question) {
                return lockQuestion.answer(question, over);
            }

            @Override
            public Reply restorePermission(Ask.RestorePermission question) {
                return restores.permission(
                        new RestoreRequest(Optional.of(question.repositoryId()), question.restore()),
                        question.origin());
            }

            @Override
            public Reply folder(Ask.Folder question) {
                return snapshots.folder(question, over);
            }

            @Override
            public Reply dump(Ask.Dump question) {
                return snapshots.dump(question, over);
            }
        });
    }

    private Reply access(Ask.Ssh question, BooleanSupplier over) {
        if (!policy.look().allows(question.url())) {
            return new Reply.Failure(
                    "policy_repository",
                    "this machine's owner does not allow sftp repositories (repositories in "
                            + policy.look().file() + " on the machine)");
        }
        var server = question.url().sshServer().orElseThrow();
        try {
            var publicKey = ssh.publicKey(over);
            return new SshAccess(publicKey, ssh.hostKeys(server, over));
        } catch (IOException e) {
            return new Reply.Failure("unreachable", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Failure("failed", "the agent is stopping");
        }
    }
}
