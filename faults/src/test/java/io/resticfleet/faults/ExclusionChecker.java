package io.resticfleet.faults;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.EmbeddedServer;
import java.util.HashSet;
import java.util.Set;

/** Checks that the server never starts jobs of two machines on the shared repository that exclude each other. */
final class ExclusionChecker {

    private final History history;
    private final Set<String> startedBefore = new HashSet<>();

    ExclusionChecker(History history) {
        this.history = history;
    }

    /** Called for each message to a machine. A command that is sent again was checked before. */
    void afterSend(EmbeddedServer server, String frame) {
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.CommandRun run
                    && startedBefore.add(run.jobId().value())) {
                check(server, run);
            }
        } catch (Wire.UnreadableMessage e) {
            // reported by the history
        }
    }

    private void check(EmbeddedServer server, ToAgent.CommandRun run) {
        var rows = JobRow.open(server.db());
        var hostId = rows.stream()
                .filter(row -> row.id().equals(run.jobId().value()))
                .map(JobRow::hostId)
                .findFirst()
                .orElse("nobody");
        rows.stream()
                .filter(row -> row.mayBeRunning() && !row.hostId().equals(hostId))
                .filter(row -> !row.backup() || run.order().kind().exclusive())
                .filter(row -> server.agents().connected(new HostId(row.hostId())))
                .forEach(row -> history.failed("NOT EXCLUDED " + run + " and " + row));
    }
}
