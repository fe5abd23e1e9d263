package io.resticfleet.agent.cli;

import io.resticfleet.agent.config.AgentConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** Prints the systemd units of this version of the agent. */
public final class UnitCommand {

    private UnitCommand() {}

    /** @param flags {@link AgentConfig#BACKUP_ONLY} selects the unit of an agent that cannot restore */
    public static void run(Map<String, String> flags, PrintStream out) {
        var name = flags.containsKey(AgentConfig.BACKUP_ONLY.flag())
                ? "restic-fleet-agent-backup-only.service"
                : "restic-fleet-agent.service";
        try (var unit = UnitCommand.class.getResourceAsStream("/dist/" + name)) {
            out.write(unit.readAllBytes());
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
