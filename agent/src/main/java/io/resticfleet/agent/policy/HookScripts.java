package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The scripts of a hook directory, by name. Accepts nothing but the name of an existing script. */
final class HookScripts {

    private final Path directory;

    HookScripts(String directory) {
        this.directory = Path.of(directory);
    }

    /**
     * @param name an allowed one, see {@link io.resticfleet.protocol.HostPolicy#refusal}
     * @throws DeniedByPolicy if there is no such script, or others could have changed it
     */
    Path find(String name) throws DeniedByPolicy {
        var script = directory.resolve(name);
        try {
            var problem = OwnerOnlyFile.problem(script);
            if (problem.isPresent()) {
                throw new DeniedByPolicy(
                        ErrorCode.HOOKS_REFUSED, "the script '" + name + "' is not safe to run: " + problem.get());
            }
        } catch (NoSuchFileException e) {
            throw new DeniedByPolicy(
                    ErrorCode.HOOKS_REFUSED, "there is no script '" + name + "' in " + directory + " on the machine");
        } catch (IOException e) {
            throw new DeniedByPolicy(
                    ErrorCode.HOOKS_REFUSED,
                    "the script '" + name + "' in " + directory + " cannot be examined: " + e.getMessage());
        }
        if (!Files.isRegularFile(script) || !Files.isExecutable(script)) {
            throw new DeniedByPolicy(
                    ErrorCode.HOOKS_REFUSED,
                    script + " is not an executable file; if it is the script, run chmod 755 " + script);
        }
        return script;
    }
}
