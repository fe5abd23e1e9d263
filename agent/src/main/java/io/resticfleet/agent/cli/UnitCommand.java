package io.resticfleet.agent.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The units for systemd that belong to this version of the agent. */
public final class UnitCommand {

    private UnitCommand() {}

    /** @throws IllegalArgumentException for another word than {@code --backup-only} */
    public static int run(List<String> arguments, PrintStream out) {
        if (!arguments.isEmpty() && !arguments.equals(List.of("--backup-only"))) {
            throw new IllegalArgumentException("unit takes nothing or --backup-only but was given " + arguments);
        }
        var name = arguments.isEmpty() ? "restic-fleet-agent.service" : "restic-fleet-agent-backup-only.service";
        try (var unit = UnitCommand.class.getResourceAsStream("/dist/" + name)) {
            out.write(unit.readAllBytes());
            out.flush();
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
