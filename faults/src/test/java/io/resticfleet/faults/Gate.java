package io.resticfleet.faults;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.ServerInSteps;
import java.util.HashSet;
import java.util.Set;

/** The way to the repository that all machines share: whom the server sends in must not meet another there. */
final class Gate {

    private final Witness witness;
    private final Set<String> sentBefore = new HashSet<>();

    Gate(Witness witness) {
        this.witness = witness;
    }

    /** The server says something to a machine. What it sends again is at the repository already. */
    void said(ServerInSteps server, String frame) {
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.CommandRun run && sentBefore.add(run.jobId())) {
                sentIn(server, run);
            }
        } catch (Wire.UnreadableMessage e) {
            // the witness has seen it too
        }
    }

    private void sentIn(ServerInSteps server, ToAgent.CommandRun run) {
        var rows = Row.open(server.db());
        var hostId = rows.stream()
                .filter(row -> row.id().equals(run.jobId()))
                .map(Row::hostId)
                .findFirst()
                .orElse("nobody");
        rows.stream()
                .filter(row -> row.underway() && !row.hostId().equals(hostId))
                .filter(row -> !row.backup() || run.kind().exclusive())
                .filter(row -> server.agents().connected(row.hostId()))
                .forEach(row -> witness.failed("SENT TO MEET " + run + " and " + row));
    }
}
