package io.resticfleet.agent.policy;

import io.resticfleet.protocol.PolicyDuration;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How this machine itself tells its owner that it has no server. Its server learns nothing of it, as the address may be secret.
 *
 * @param command path and arguments of a program that gets the text on stdin; empty for none
 * @param url to which the text is posted; absent for none
 * @param after time without the server after which it tells
 */
public record OwnersAlarm(List<String> command, Optional<URI> url, PolicyDuration after) {

    static final PolicyDuration DEFAULT_AFTER = new PolicyDuration("24h");

    /** Why the program must not run, for the owner; empty if it may, or there is none. */
    public Optional<String> problem() {
        if (command.isEmpty()) {
            return Optional.empty();
        }
        var program = Path.of(command.get(0));
        try {
            return OwnerOnlyFile.problem(program)
                    .or(() -> Files.isRegularFile(program) && Files.isExecutable(program)
                            ? Optional.empty()
                            : Optional.of(program + " is not an executable file"));
        } catch (NoSuchFileException e) {
            return Optional.of("there is no program " + program);
        } catch (IOException e) {
            return Optional.of(program + " cannot be examined: " + e.getMessage());
        }
    }

    /** Without what may be secret. */
    @Override
    public String toString() {
        return (command.isEmpty() ? "" : "runs " + command.get(0) + " ")
                + url.map(to -> "posts to " + to.getHost() + " ").orElse("") + "after " + after + " without the server";
    }
}
