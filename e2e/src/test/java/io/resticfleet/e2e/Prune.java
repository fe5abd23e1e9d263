package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A prune of somebody else that holds its exclusive lock until it is released. */
record Prune(Fleet.Machine machine, Path gate) {

    static Prune start(Fleet fleet, Fleet.Machine machine) throws Exception {
        var gate = machine.directory().resolve("gate");
        assertThat(Program.run(machine.directory(), Map.of(), List.of("mkfifo", gate.toString()))
                        .status())
                .isZero();
        // It locks, then prints into a full pipe that is not read before the gate opens.
        var script = "(head -c 65536 /dev/zero; exec \"$1\" prune) | (read -r _ <\"$2\"; cat >/dev/null)";
        var restic = machine.restic().restic().file();
        fleet.owned(machine.restic().start(List.of("/bin/sh", "-c", script, "sh", restic.toString(), gate.toString())));
        eventually(() -> assertThat(machine.restic().locks()).hasSize(1));
        return new Prune(machine, gate);
    }

    void release() throws Exception {
        Files.writeString(gate, "go\n");
    }

    /** Leaves the lock behind. Other restics of the machine are not killed: after that, the agent would unlock. */
    void kill() throws Exception {
        for (var restic : Processes.restics(machine.directory())) {
            if (restic.info().arguments().map(List::of).orElse(List.of()).contains("prune")) {
                restic.destroyForcibly();
                restic.onExit().get();
            }
        }
        var output = Files.readString(machine.directory().resolve("restic.log"));
        assertThat(machine.restic().locks()).as(output).hasSize(1);
    }
}
