package io.resticfleet.agent.cli;

import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.state.StateDirectory;
import java.io.PrintStream;

/** Replaces the pinned keys of a machine, after the server's key was lost or replaced without notice. */
public final class TrustCommand {

    private TrustCommand() {}

    public static void run(AgentConfig config, PrintStream out) throws CommandFailed {
        StateOwner.require(config.stateDir(), "trust --pin PIN");
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
}
