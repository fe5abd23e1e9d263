package io.resticfleet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A file outside the fleet, to which the hooks of a machine's schedules append the start and end of each run. */
record HookLog(Path file) {

    /**
     * One line.
     *
     * @param hook pre or post
     * @param job the run's id, as passed to the hook
     * @param at by the machine's clock, in whole seconds
     */
    record Line(String hook, String job, Instant at) {}

    HookLog {
        if (file.toString().contains("'")) {
            throw new IllegalArgumentException("cannot be quoted for the shell: " + file);
        }
    }

    /** Hooks for a schedule. The pre hook takes a moment, so that kills hit it too; a short append is atomic. */
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
