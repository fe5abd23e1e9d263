package io.resticfleet.agent.question;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.LockLookup;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.WellFormedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Answers which locks a repository has.
 *
 * @param stateDir the agent's state directory
 */
public record LockQuestion(CredentialStore credentials, LockLookup lookup, PolicyFile policy, Path stateDir) {

    private static final int MAX_DETAIL = 900;

    Reply answer(Ask.Locks question, BooleanSupplier over) {
        var config = credentials
                .find()
                .flatMap(held -> question.repositoryId().isPresent()
                        ? held.at(question.repositoryId().get())
                        : credentials.find());
        if (config.isEmpty()) {
            return new Reply.Failure("no_repository", "the machine does not use this repository");
        }
        var repository = config.get().repository();
        try {
            RepositoryRule.check(policy.look(), repository, stateDir);
            return lookup.of(repository, over);
        } catch (DeniedByPolicy e) {
            return failure(e.code().word(), e);
        } catch (IOException | ResticMissing e) {
            return failure("failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Failure("failed", "the agent is stopping");
        }
    }

    private Reply.Failure failure(String code, Exception e) {
        var text = credentials.redactor().redact(String.valueOf(e.getMessage()));
        return new Reply.Failure(code, WellFormedText.cut(text, MAX_DETAIL));
    }
}
