package io.resticfleet.faults;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.EmbeddedServer;
import java.util.HashSet;
import java.util.Set;

/** The way to the repository that all machines share: whom the server sends in must not meet another there. */
final class ExclusionChecker {

    private final History history;
    private final Set<String> sentBefore = new HashSet<>();

    ExclusionChecker(History history) {
        this.history = history;
    }

    /** The server says something to a machine. What it sends again is at the repository already. */
    void said(EmbeddedServer server, String frame) {
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.CommandRun run && sentBefore.add(run.jobId())) {
                sentIn(server, run);
            }
        } catch (Wire.UnreadableMessage e) {
            // the history has it too
        }
    }

    private void sentIn(EmbeddedServer server, ToAgent.CommandRun run) {
        var rows = JobRow.open(server.db());
        var hostId = rows.stream()
                .filter(row -> row.id().equals(run.jobId()))
                .map(JobRow::hostId)
                .findFirst()
                .orElse("nobody");
        rows.stream()
                .filter(row -> row.underway() && !row.hostId().equals(hostId))
                .filter(row -> !row.backup() || run.order().kind().exclusive())
                .filter(row -> server.agents().connected(row.hostId()))
                .forEach(row -> history.failed("SENT TO MEET " + run + " and " + row));
    }
}
