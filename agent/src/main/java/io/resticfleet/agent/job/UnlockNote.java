package io.resticfleet.agent.job;

import io.resticfleet.agent.state.Storage;
import java.nio.file.Files;
import java.nio.file.Path;

/** A note on disk that a restic of ours was killed and has left its lock behind. */
final class UnlockNote {

    private final Storage storage;
    private final Path file;

    UnlockNote(Storage storage) {
        this.storage = storage;
        this.file = storage.root().resolve("unlock-needed");
    }

    void leave() {
        if (!Files.exists(file)) {
            storage.write(file, new byte[0]);
        }
    }

    boolean isThere() {
        return Files.exists(file);
    }

    void take() {
        storage.delete(file);
    }
}
