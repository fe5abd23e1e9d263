package io.resticfleet.agent.question;

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
 * Counts what is in a folder, entry by entry, so that one with millions of them takes no more memory than another. Follows
 * no link. Of use for one count.
 */
final class FolderCount {

    private static final long MOST_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long MOST_ENTRIES = 100_000;

    /** Each level holds a folder open. */
    private static final int MOST_LEVELS = 200;

    private final LongSupplier nanos;
    private final BooleanSupplier over;
    private final boolean oneFileSystem;
    private final long device;
    private final long began;
    private long files;
    private long folders;
    private long bytes;
    private long unreadable;
    private boolean tooDeep;
    private Optional<Cut> cut = Optional.empty();

    /**
     * @param over whether nobody waits for it any more
     * @param oneFileSystem whether to leave out what is mounted in it
     * @param device of the folder
     */
    FolderCount(LongSupplier nanos, BooleanSupplier over, boolean oneFileSystem, long device) {
        this.nanos = nanos;
        this.over = over;
        this.oneFileSystem = oneFileSystem;
        this.device = device;
        this.began = nanos.getAsLong();
    }

    /** @throws IOException if the folder itself cannot be listed */
    Count of(Path folder) throws IOException {
        list(folder, 1);
        var why = cut.isEmpty() && tooDeep ? Optional.of(Cut.DEPTH) : cut;
        return new Count(files, folders, bytes, unreadable, why);
    }

    /** The file system that a folder is in. */
    static long device(Path folder) throws IOException {
        return (long) Files.getAttribute(folder, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }

    private void list(Path folder, int level) throws IOException {
        try (var entries = Files.newDirectoryStream(folder)) {
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
                folders++;
                enter(entry, level + 1);
            } else {
                files++;
                bytes += attributes.isRegularFile() ? attributes.size() : 0;
            }
        } catch (NoSuchFileException e) {
            // removed meanwhile
        } catch (IOException e) {
            unreadable++;
        }
    }

    private void enter(Path folder, int level) throws IOException {
        if (oneFileSystem && device(folder) != device) {
            return;
        }
        if (level <= MOST_LEVELS) {
            list(folder, level);
        } else {
            tooDeep = true;
        }
    }

    private boolean isFull() {
        if (cut.isEmpty() && files + folders + unreadable >= MOST_ENTRIES) {
            cut = Optional.of(Cut.ENTRIES);
        } else if (cut.isEmpty() && (over.getAsBoolean() || nanos.getAsLong() - began > MOST_NANOS)) {
            cut = Optional.of(Cut.TIME);
        }
        return cut.isPresent();
    }
}
