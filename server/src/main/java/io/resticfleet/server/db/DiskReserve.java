package io.resticfleet.server.db;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that reserves disk space. Deleted when the disk is full, so that the results of some thousand jobs can still
 * be stored. Created again only when twice its size is free, so that it does not come and go on a nearly full disk.
 */
final class DiskReserve {

    static final int BYTES = 8 * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(DiskReserve.class);

    /** Free space below which SQLite may fail to open a database. */
    private static final long MIN_FREE = 1024 * 1024;

    private final Path file;

    DiskReserve(Path directory) {
        this.file = directory.resolve("reserve");
    }

    /** Creates the file if it is missing. Returns whether it exists. */
    boolean create() {
        try {
            if (exists()) {
                return true;
            }
            if (free() < 2L * BYTES) {
                release(); // incomplete, from an interrupted start
                return false;
            }
            fill();
            return true;
        } catch (IOException e) {
            log.warn("cannot reserve disk space for results: {}", e.getMessage());
            release();
            return false;
        }
    }

    /** Deletes the file. Returns whether it existed. */
    boolean release() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("cannot release the disk space reserved for results: {}", e.getMessage());
            return false;
        }
    }

    /** Whether the disk is as good as full. */
    boolean exhausted() {
        try {
            return free() < MIN_FREE;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean exists() throws IOException {
        return Files.exists(file) && Files.size(file) == BYTES;
    }

    private long free() throws IOException {
        return Files.getFileStore(file.getParent()).getUsableSpace();
    }

    /** Writes random bytes: a file system with compression would reserve nothing for zeros. */
    private void fill() throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        var bytes = new byte[64 * 1024];
        var random = new SplittableRandom(BYTES);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int written = 0; written < BYTES; written += bytes.length) {
                random.nextBytes(bytes);
                for (var buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
                    channel.write(buffer);
                }
            }
        }
    }
}
