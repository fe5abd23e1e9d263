package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Somebody's prune, which holds its exclusive lock until it is let go. */
record Prune(Fleet.Machine machine, Path gate) {

    static Prune begin(Fleet fleet, Fleet.Machine machine) throws Exception {
        var gate = machine.place().resolve("gate");
        assertThat(Program.run(machine.place(), Map.of(), List.of("mkfifo", gate.toString()))
                        .status())
                .isZero();
        // It locks, then prints: into a pipe that is full, and not read before the gate opens.
        var script = "(head -c 65536 /dev/zero; exec \"$1\" prune) | (read -r _ <\"$2\"; cat >/dev/null)";
        var restic = machine.restic().restic().file();
        fleet.owned(machine.restic().start(List.of("/bin/sh", "-c", script, "sh", restic.toString(), gate.toString())));
        eventually(() -> assertThat(machine.restic().locks()).hasSize(1));
        return new Prune(machine, gate);
    }

    void letGo() throws Exception {
        Files.writeString(gate, "go\n");
    }

    /** Leaves the lock. A restic of the agent's that runs just now goes on: for one that was killed it would unlock. */
    void kill() throws Exception {
        for (var restic : Processes.restics(machine.place())) {
            if (restic.info().arguments().map(List::of).orElse(List.of()).contains("prune")) {
                restic.destroyForcibly();
                restic.onExit().get();
            }
        }
        var printed = Files.readString(machine.place().resolve("restic.log"));
        assertThat(machine.restic().locks()).as(printed).hasSize(1);
    }
}
