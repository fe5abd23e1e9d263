package io.resticfleet.faults;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.EmbeddedServer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks that the server never starts jobs of two machines on the shared repository that exclude each other, and that no job
 * waits for long for one of a machine that is away.
 */
final class ExclusionChecker {

    private final History history;
    private final Set<String> startedBefore = new HashSet<>();

    ExclusionChecker(History history) {
        this.history = history;
    }

    /** Jobs of absent machines for which others wait, by the ids of those, and the process of the server. */
    private Map<String, JobRow> waitsForAbsent = new HashMap<>();

    private EmbeddedServer waitsOf;

    /** Called for each message to a machine. A command that is sent again was checked before. */
    void afterSend(EmbeddedServer server, String frame) {
        waitsForAbsent.values().removeIf(row -> isConnected(server, row));
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.CommandRun run
                    && startedBefore.add(run.jobId().value())) {
                check(server, run);
            }
        } catch (Wire.UnreadableMessage e) {
            // reported by the history
        }
    }

    /** Called every hour, which is longer than a lease, and than the server takes to notice its end. */
    void checkWaits(EmbeddedServer server) {
        var rows = JobRow.open(server.db());
        var waits = new HashMap<String, JobRow>();
        rows.stream()
                .filter(row -> isConnected(server, row))
                .forEach(row -> rows.stream()
                        .filter(other -> row.waitsFor().equals(Optional.of(other.id())) && !isConnected(server, other))
                        .forEach(other -> waits.put(row.id(), other)));
        if (server == waitsOf) {
            waits.forEach((id, other) -> {
                if (other.equals(waitsForAbsent.get(id))) {
                    history.failed("WAITS FOR A MACHINE THAT IS AWAY " + id + " for " + other);
                }
            });
        }
        waitsOf = server;
        waitsForAbsent = waits;
    }

    private static boolean isConnected(EmbeddedServer server, JobRow row) {
        return server.agents().connected(new HostId(row.hostId()));
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
                .filter(row -> !row.sharesRepository() || run.order().kind().exclusive())
                .filter(row -> isConnected(server, row))
                .forEach(row -> history.failed("NOT EXCLUDED " + run + " and " + row));
    }
}
