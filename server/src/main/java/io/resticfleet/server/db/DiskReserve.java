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
 * Room kept in a file, to be given up when the disk is full: results of some thousand jobs can be stored then. Taken back
 * when there is room for it and as much again, so that a disk at its limit does not go back and forth.
 */
final class DiskReserve {

    static final int BYTES = 8 * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(DiskReserve.class);

    /** With less than this, SQLite may not even get a database open. */
    private static final long LEAST_FREE = 1024 * 1024;

    private final Path file;

    DiskReserve(Path directory) {
        this.file = directory.resolve("reserve");
    }

    /** Returns whether the room is there, having taken it if need be. */
    boolean take() {
        try {
            if (held()) {
                return true;
            }
            if (free() < 2L * BYTES) {
                giveUp(); // of a start that was cut short
                return false;
            }
            fill();
            return true;
        } catch (IOException e) {
            log.warn("no room can be kept for results: {}", e.getMessage());
            giveUp();
            return false;
        }
    }

    /** Returns whether there is more room now. */
    boolean giveUp() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("the room kept for results cannot be given up: {}", e.getMessage());
            return false;
        }
    }

    /** Whether the disk has next to nothing left. */
    boolean exhausted() {
        try {
            return free() < LEAST_FREE;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean held() throws IOException {
        return Files.exists(file) && Files.size(file) == BYTES;
    }

    private long free() throws IOException {
        return Files.getFileStore(file.getParent()).getUsableSpace();
    }

    /** Not with zeros: file systems that compress would keep no room for those. */
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
