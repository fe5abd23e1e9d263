package io.resticfleet.agent.state;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A file that only occupies space, deleted when the disk is full so that results can still be written.
 *
 * <p>Safe for use by many threads.
 */
public final class DiskReserve {

    private static final System.Logger log = System.getLogger(DiskReserve.class.getName());
    private static final int BYTES = 4 * 1024 * 1024;

    /** With less free space, a program that writes its output here could lose its last lines. */
    private static final long SCARCE_BYTES = 1024 * 1024;

    private final Path file;
    private volatile BooleanSupplier cheaper = () -> false;

    DiskReserve(Path directory) {
        this.file = directory.resolve("ballast");
    }

    /** Whether a write failed because the disk or the quota is full. */
    public static boolean isFull(IOException e) {
        var message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    /**
     * Sets what is deleted before the reserve.
     *
     * @param cheaper frees space; false if there was nothing left to delete. Must not write through {@link
     * StateDirectory}
     */
    public void giveUpFirst(BooleanSupplier cheaper) {
        this.cheaper = cheaper;
    }

    /** Deletes what is worth less than the reserve, otherwise the reserve; false if nothing is left to delete. */
    public boolean release() {
        return cheaper.getAsBoolean() || delete();
    }

    private synchronized boolean delete() {
        try {
            if (!Files.deleteIfExists(file)) {
                return false;
            }
            log.log(Level.ERROR, "the disk is full, free some space; the agent has released its reserve file=" + file);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Releases space before a write fails, if hardly any is left. */
    public void releaseIfScarce() {
        if (usable() < SCARCE_BYTES && release() && usable() < SCARCE_BYTES) {
            release();
        }
    }

    /** Whether there is space for more than results, which take precedence over everything else. */
    public boolean hasRoom() {
        return usable() >= SCARCE_BYTES;
    }

    /** Free bytes; {@link Long#MAX_VALUE} if unknown. */
    public long usable() {
        try {
            return Files.getFileStore(file.getParent()).getUsableSpace();
        } catch (IOException e) {
            log.log(Level.DEBUG, "cannot determine the free space", e);
            return Long.MAX_VALUE;
        }
    }

    /** Creates the reserve again, if there is plenty of space. */
    public synchronized void restore() {
        try {
            if (Files.exists(file) || Files.getFileStore(file.getParent()).getUsableSpace() < 4L * BYTES) {
                return;
            }
            var noise = new byte[64 * 1024]; // not zeros, which some file systems do not store
            new Random(BYTES).nextBytes(noise);
            try (var channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                for (int written = 0; written < BYTES; written += noise.length) {
                    channel.write(ByteBuffer.wrap(noise));
                }
                channel.force(true);
            }
        } catch (IOException e) {
            log.log(Level.DEBUG, "cannot create the reserve", e);
        }
    }
}
