package io.resticfleet.agent.cli;

import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Replaces the pinned keys of a machine, after the server's key was lost or replaced without notice. */
public final class TrustCommand {

    private TrustCommand() {}

    public static void run(AgentConfig config, PrintStream out) throws CommandFailed {
        if (!Files.isDirectory(config.stateDir())) {
            throw new CommandFailed("there is no agent in " + config.stateDir() + "; see --state-dir");
        }
        requireOwner(config.stateDir());
        var state = StateDirectory.open(config.stateDir());
        var identity = Identity.find(state)
                .orElseThrow(() -> new CommandFailed("this machine is not enrolled yet; use --pin with enroll"));
        if (!identity.server().url().startsWith("https:")) {
            throw new CommandFailed("the server " + identity.server() + " has no key, as it is used without TLS");
        }
        var pins = config.pins().orElseThrow().trusted();
        state.writeJson(Identity.FILE, identity.trusting(pins));
        out.println("Trusts " + pins + " and no other key. Restart the agent: systemctl restart restic-fleet-agent");
    }

    /** Refuses to run as root in another user's directory, as that user's symbolic links could redirect the write. */
    private static void requireOwner(Path stateDir) throws CommandFailed {
        try {
            boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            var owner = Files.getOwner(stateDir).getName();
            if (root && !Integer.valueOf(0).equals(Files.getAttribute(stateDir, "unix:uid"))) {
                throw new CommandFailed(stateDir + " belongs to " + owner
                        + ", and root must not write there; run it as that"
                        + " user: runuser -u " + owner + " -- java -jar /usr/lib/restic-fleet/restic-fleet-agent.jar"
                        + " trust --pin PIN");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot determine the owner of " + stateDir, e);
        }
    }
}
