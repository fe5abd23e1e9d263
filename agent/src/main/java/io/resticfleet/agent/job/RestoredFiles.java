package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ListedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Compares restored files with those of the machine that have not changed since they were saved. Used by one thread;
 * others may read how far it is.
 */
final class RestoredFiles {

    private static final int BLOCK = 64 * 1024;

    private final Path target;
    private final List<ListedFile> files;
    private final List<String> different = new CopyOnWriteArrayList<>();
    private volatile long blocks;
    private volatile int compared;

    /** @param target where they were restored to */
    RestoredFiles(Path target, List<ListedFile> files) {
        this.target = target;
        this.files = files;
    }

    /** What is wrong with restored files, without a look at the machine's own; empty if nothing is. */
    List<String> incomplete() throws IOException {
        var missing = new ArrayList<String>();
        for (var file : files) {
            var restored = restored(file);
            if (!Files.isRegularFile(restored, LinkOption.NOFOLLOW_LINKS)) {
                missing.add(file.path() + " was not restored");
            } else if (Files.size(restored) != file.size()) {
                missing.add(file.path() + " has " + Files.size(restored) + " bytes in place of " + file.size());
            }
        }
        return missing;
    }

    /** Compares all files, which must be complete, with the machine's own. */
    void compare() {
        for (var file : files) {
            blocks++;
            compareWithSource(file, restored(file));
        }
    }

    /** What differs from the machine's own files, of those compared so far. */
    List<String> different() {
        return List.copyOf(different);
    }

    /** Grows as long as there is progress. */
    long blocks() {
        return blocks;
    }

    /** Number of files that were compared with the machine's own. */
    int compared() {
        return compared;
    }

    private Path restored(ListedFile file) {
        return target.resolve(file.path().substring(1));
    }

    private void compareWithSource(ListedFile file, Path restored) {
        var source = Path.of(file.path());
        try {
            if (!unchanged(source, file)) {
                return;
            }
            boolean same = sameContent(source, restored);
            if (!unchanged(source, file)) {
                return; // changed while it was read
            }
            if (same) {
                compared++;
            } else {
                different.add(
                        file.path()
                                + " differs from the machine's own file, whose time and size have not changed since it was saved");
            }
        } catch (IOException e) {
            return; // it cannot be read, or is not there any more
        }
    }

    /** The inode's time, too: a program can set the other one. */
    private static boolean unchanged(Path source, ListedFile file) throws IOException {
        if (!Files.exists(source, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        var now = Files.readAttributes(source, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        var changed = (FileTime) Files.getAttribute(source, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        return now.isRegularFile()
                && now.size() == file.size()
                && now.lastModifiedTime().toInstant().equals(file.modified())
                && changed.toInstant().equals(file.changed());
    }

    private boolean sameContent(Path one, Path other) throws IOException {
        try (var first = Files.newInputStream(one);
                var second = Files.newInputStream(other)) {
            while (true) {
                var a = block(first);
                var b = block(second);
                blocks++;
                if (!Arrays.equals(a, b)) {
                    return false;
                }
                if (a.length == 0) {
                    return true;
                }
            }
        }
    }

    private static byte[] block(InputStream in) throws IOException {
        return in.readNBytes(BLOCK);
    }
}
