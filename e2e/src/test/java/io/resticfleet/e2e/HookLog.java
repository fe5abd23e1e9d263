package io.resticfleet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A file beside the fleet, where the hooks of a machine's schedules write down that a run began and ended. */
record HookLog(Path file) {

    /**
     * A line of it.
     *
     * @param hook pre or post
     * @param job the run's id, as the hook was told it
     * @param at by the machine's clock, in whole seconds
     */
    record Line(String hook, String job, Instant at) {}

    HookLog {
        if (file.toString().contains("'")) {
            throw new IllegalArgumentException("the shell could not name " + file);
        }
    }

    /** The hooks of a schedule, one of which lasts so that it is met at work; one short write to the end of a file is whole or not at all. */
    Map<String, String> hooks() {
        var line = "echo \"$RESTIC_FLEET_HOOK $RESTIC_FLEET_JOB_ID $(date +%s)\" >> '" + file + "'";
        return Map.of("pre", line + "; sleep 0.5", "post", line);
    }

    List<Line> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file).stream()
                .map(line -> line.split(" "))
                .map(words -> new Line(words[0], words[1], Instant.ofEpochSecond(Long.parseLong(words[2]))))
                .toList();
    }
}
