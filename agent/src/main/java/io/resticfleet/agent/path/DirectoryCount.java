package io.resticfleet.agent.path;

import io.resticfleet.protocol.PathReport.Count;
import io.resticfleet.protocol.PathReport.Cut;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Counts the content of a directory, entry by entry, so that memory use does not depend on its size. Does not follow links.
 * For one count.
 */
final class DirectoryCount {

    private static final long MAX_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long MAX_ENTRIES = 100_000;

    /** Each level keeps a directory open. */
    private static final int MAX_LEVELS = 200;

    private final LongSupplier nanos;
    private final BooleanSupplier over;
    private final boolean oneFileSystem;
    private final Extent extent;
    private final long device;
    private final long started;
    private long files;
    private long directories;
    private long bytes;
    private long unreadable;
    private boolean tooDeep;
    private Optional<Cut> cut = Optional.empty();

    /** How far to count. */
    enum Extent {
        EVERYTHING,
        /** Ends at the first regular file, as {@link Cut#ENTRIES}. */
        FIRST_FILE
    }

    /**
     * @param over true once the count is not needed any more
     * @param oneFileSystem whether to skip other file systems mounted in it
     * @param device the file system of the directory
     */
    DirectoryCount(LongSupplier nanos, BooleanSupplier over, Extent extent, boolean oneFileSystem, long device) {
        this.extent = extent;
        this.nanos = nanos;
        this.over = over;
        this.oneFileSystem = oneFileSystem;
        this.device = device;
        this.started = nanos.getAsLong();
    }

    /** @throws IOException if the directory itself cannot be listed */
    Count of(Path directory) throws IOException {
        list(directory, 1);
        var why = cut.isEmpty() && tooDeep ? Optional.of(Cut.DEPTH) : cut;
        return new Count(files, directories, bytes, unreadable, why);
    }

    /** The device number of a directory's file system. */
    static long device(Path directory) throws IOException {
        return (long) Files.getAttribute(directory, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }

    private void list(Path directory, int level) throws IOException {
        try (var entries = Files.newDirectoryStream(directory)) {
            for (var entry : entries) {
                if (isFull()) {
                    return;
                }
                count(entry, level);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void count(Path entry, int level) {
        try {
            var attributes = Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()) {
                directories++;
                enter(entry, level + 1);
            } else {
                files++;
                if (extent == Extent.FIRST_FILE && attributes.isRegularFile()) {
                    cut = Optional.of(Cut.ENTRIES);
                }
                addBytes(attributes.isRegularFile() ? attributes.size() : 0);
            }
        } catch (NoSuchFileException e) {
            // removed meanwhile
        } catch (IOException e) {
            unreadable++;
        }
    }

    /** Sparse files can have any size, so the sum may be more than a long holds. */
    private void addBytes(long size) {
        bytes = size > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : bytes + size;
    }

    private void enter(Path directory, int level) throws IOException {
        if (oneFileSystem && device(directory) != device) {
            return;
        }
        if (level <= MAX_LEVELS) {
            list(directory, level);
        } else {
            tooDeep = true;
        }
    }

    private boolean isFull() {
        if (cut.isEmpty() && files + directories + unreadable >= MAX_ENTRIES) {
            cut = Optional.of(Cut.ENTRIES);
        } else if (cut.isEmpty() && (over.getAsBoolean() || nanos.getAsLong() - started > MAX_NANOS)) {
            cut = Optional.of(Cut.TIME);
        }
        return cut.isPresent();
    }
}
