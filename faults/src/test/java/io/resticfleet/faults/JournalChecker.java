package io.resticfleet.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/** Checks that an agent's journal has no two unfinished runs of one schedule. */
final class JournalChecker {

    private JournalChecker() {}

    static void check(AgentNode node, History history) {
        var jobs = node.disk().root().resolve("state").resolve("jobs");
        if (!Files.isDirectory(jobs)) {
            return;
        }
        var pending = new HashMap<String, Integer>();
        try (var directories = Files.newDirectoryStream(jobs)) {
            for (var directory : directories) {
                var file = directory.resolve("job.json");
                if (Files.exists(file)) {
                    count(Wire.builder().build().readTree(Files.readString(file)), pending);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pending.forEach((schedule, runs) -> {
            if (runs > 1 && node.clones().isEmpty()) { // it may receive commands meant for its clone
                history.failed("OVERLAP " + node.name() + " has " + runs + " unfinished runs of " + schedule);
            }
        });
    }

    private static void count(JsonNode job, Map<String, Integer> pending) {
        var ended = job.path("phase").asText().equalsIgnoreCase("ended");
        if (!ended && job.path("trigger").asText().equals("cron")) {
            pending.merge(job.path("schedule").path("id").asText(), 1, Integer::sum);
        }
    }
}
