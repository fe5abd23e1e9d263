package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import java.nio.file.Files;
import java.nio.file.Path;

/** A mark on disk that a restic of this agent was killed and left its lock. */
final class StaleLockMarker {

    private final StateDirectory state;
    private final Path file;

    StaleLockMarker(StateDirectory state) {
        this.state = state;
        this.file = state.root().resolve("unlock-needed");
    }

    void set() {
        if (!Files.exists(file)) {
            state.write(file, new byte[0]);
        }
    }

    boolean isSet() {
        return Files.exists(file);
    }

    void clear() {
        state.delete(file);
    }
}
