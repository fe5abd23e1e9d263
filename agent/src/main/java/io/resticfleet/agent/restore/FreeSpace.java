package io.resticfleet.agent.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The space of the disk that a path is on. */
@FunctionalInterface
public interface FreeSpace {

    /** As the system reports it. */
    FreeSpace OF_SYSTEM = path -> {
        var store = Files.getFileStore(path);
        return new Space(store.getUsableSpace(), store.getTotalSpace());
    };

    /** @param path exists */
    Space of(Path path) throws IOException;

    /** In bytes. */
    record Space(long usable, long total) {

        private static final long GIB = 1L << 30;

        /**
         * What a restore leaves free, as the agent's results and other programs need space, too: 1 GiB, of larger disks a
         * twentieth up to 16 GiB, of those below 10 GiB a tenth.
         */
        public long floor() {
            return Math.min(Math.min(Math.max(GIB, total / 20), 16 * GIB), total / 10);
        }
    }
}
