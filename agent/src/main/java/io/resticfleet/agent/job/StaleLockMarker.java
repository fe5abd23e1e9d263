package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A mark on disk that a restic of this agent was killed and left its lock, with its process id. */
final class StaleLockMarker {

    private final StateDirectory state;
    private final Path file;

    StaleLockMarker(StateDirectory state) {
        this.state = state;
        this.file = state.root().resolve("unlock-needed");
    }

    /** @param pid of the restic that was killed; absent if unknown */
    void set(Optional<Long> pid) {
        var all = new TreeSet<>(pids());
        boolean more = pid.filter(all::add).isPresent();
        if (more || !isSet()) {
            var text = all.stream().map(String::valueOf).collect(Collectors.joining("\n"));
            state.write(file, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    boolean isSet() {
        return Files.exists(file);
    }

    /** Process ids of the restics that were killed, as far as they are known. */
    Set<Long> pids() {
        try {
            return isSet()
                    ? Files.readString(file)
                            .lines()
                            .filter(line -> line.matches("\\d{1,10}"))
                            .map(Long::parseLong)
                            .collect(Collectors.toSet())
                    : Set.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    void clear() {
        state.delete(file);
    }
}
