package io.resticfleet.agent.path;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Count;
import io.resticfleet.protocol.PathReport.Cut;
import io.resticfleet.protocol.PathReport.Kind;
import io.resticfleet.protocol.Reply;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Examines a path. Opens only regular files and directories, and reads no content: opening a pipe or a device can block
 * or have an effect.
 */
public final class PathInspector {

    private final Fstab fstab;
    private final LongSupplier nanos;
    private final BooleanSupplier over;
    private final DirectoryCount.Extent extent;
    private final Predicate<PathReport> counts;

    private PathInspector(
            Fstab fstab,
            LongSupplier nanos,
            BooleanSupplier over,
            DirectoryCount.Extent extent,
            Predicate<PathReport> counts) {
        this.fstab = fstab;
        this.nanos = nanos;
        this.over = over;
        this.extent = extent;
        this.counts = counts;
    }

    /**
     * Counts the content of directories.
     *
     * @param over true once the result is not needed any more
     */
    public static PathInspector counting(Fstab fstab, LongSupplier nanos, BooleanSupplier over) {
        return new PathInspector(fstab, nanos, over, DirectoryCount.Extent.EVERYTHING, uncounted -> true);
    }

    /**
     * Counts the content of directories up to the first regular file only; the count is then cut.
     *
     * @param counts receives the report of a directory that can be listed, before its content is counted, with a count
     *     that is cut by time; returns false if that is enough
     */
    static PathInspector upToFirstFile(
            Fstab fstab, LongSupplier nanos, BooleanSupplier over, Predicate<PathReport> counts) {
        return new PathInspector(fstab, nanos, over, DirectoryCount.Extent.FIRST_FILE, counts);
    }

    public Reply inspect(Ask.Path ask) {
        Path path;
        try {
            path = Path.of(ask.path());
        } catch (InvalidPathException e) {
            return new Reply.Failure(
                    "invalid_path", "the agent cannot express this path in the encoding it was started with");
        }
        return look(path, ask.oneFileSystem()).with(fstab.unmounted(path));
    }

    private PathReport look(Path path, boolean oneFileSystem) {
        try {
            return report(path, oneFileSystem);
        } catch (NoSuchFileException e) {
            return PathReport.of(Kind.MISSING);
        } catch (AccessDeniedException e) {
            return PathReport.unreadable(Kind.UNKNOWN, "the agent may not enter a directory above it");
        } catch (IOException e) {
            return belowFile(path) ? PathReport.of(Kind.MISSING) : PathReport.unreadable(Kind.UNKNOWN, reason(e));
        }
    }

    private PathReport report(Path path, boolean oneFileSystem) throws IOException {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isSymbolicLink()) {
            var target = Files.readSymbolicLink(path).toString();
            return new PathReport(
                    Kind.SYMLINK, true, Optional.empty(), Optional.of(target), Optional.empty(), Optional.empty());
        } else if (attributes.isDirectory()) {
            return directory(path, oneFileSystem);
        }
        return attributes.isRegularFile() ? file(path, attributes.size()) : PathReport.of(Kind.OTHER);
    }

    private PathReport directory(Path path, boolean oneFileSystem) throws IOException {
        long device = DirectoryCount.device(path);
        var kind = device == DirectoryCount.device(path.resolve("..")) ? Kind.DIRECTORY : Kind.MOUNT_POINT;
        try {
            list(path);
            var uncounted = counted(kind, new Count(0, 0, 0, 0, Optional.of(Cut.TIME)));
            return counts.test(uncounted)
                    ? counted(kind, new DirectoryCount(nanos, over, extent, oneFileSystem, device).of(path))
                    : uncounted;
        } catch (IOException e) {
            return PathReport.unreadable(kind, reason(e));
        }
    }

    /** Reads the first entry, which hangs if the directory is on a dead mount. */
    private static void list(Path directory) throws IOException {
        try (var entries = Files.newDirectoryStream(directory)) {
            entries.iterator().hasNext();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static PathReport counted(Kind kind, Count count) {
        return new PathReport(kind, true, Optional.empty(), Optional.empty(), Optional.of(count), Optional.empty());
    }

    /** Checks by opening, as access(2) ignores the capabilities of an agent that is not root. */
    private static PathReport file(Path path, long size) {
        Optional<String> problem = Optional.empty();
        try {
            Files.newByteChannel(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))
                    .close();
        } catch (IOException e) {
            problem = Optional.of(reason(e));
        }
        return new PathReport(
                Kind.FILE, problem.isEmpty(), Optional.of(size), Optional.empty(), Optional.empty(), problem);
    }

    /** Whether a parent of the path is not a directory; the system reports this as a plain error. */
    private static boolean belowFile(Path path) {
        for (var above = path.getParent(); above != null; above = above.getParent()) {
            if (Files.exists(above)) {
                return !Files.isDirectory(above);
            }
        }
        return false;
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "the agent may not read it"
                : e instanceof FileSystemException wrong && wrong.getReason() != null
                        ? wrong.getReason()
                        : String.valueOf(e.getMessage());
    }
}
