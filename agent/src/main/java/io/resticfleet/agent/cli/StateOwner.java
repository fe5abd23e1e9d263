package io.resticfleet.agent.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user that a state directory belongs to. */
final class StateOwner {

    private StateOwner() {}

    /**
     * Refuses to run as root in another user's directory, as that user's symbolic links could redirect the write.
     *
     * @param command what was typed after the program's name
     */
    static void require(Path stateDir, String command) throws CommandFailed {
        if (!Files.isDirectory(stateDir)) {
            throw new CommandFailed("there is no agent in " + stateDir + "; see --state-dir");
        }
        try {
            boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            var owner = Files.getOwner(stateDir).getName();
            if (root && !Integer.valueOf(0).equals(Files.getAttribute(stateDir, "unix:uid"))) {
                throw new CommandFailed(stateDir + " belongs to " + owner
                        + ", and root must not write there; run it as that"
                        + " user: runuser -u " + owner + " -- java -jar /usr/lib/restic-fleet/restic-fleet-agent.jar "
                        + command);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot determine the owner of " + stateDir, e);
        }
    }
}
