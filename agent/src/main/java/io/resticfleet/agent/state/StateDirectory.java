package io.resticfleet.agent.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.DiskReport;
import io.resticfleet.protocol.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The agent's directory. A write is durable once it has returned, and atomic: a power cut leaves the old or the new
 * content.
 *
 * <p>Directories are 0700, files 0600. Safe for use by many threads, as long as no two write the same file.
 */
public final class StateDirectory {

    private final Path root;
    private final DiskReserve reserve;
    private final FallbackDirectory fallback;

    private StateDirectory(Path root) {
        this.root = root;
        this.reserve = new DiskReserve(root);
        this.fallback = new FallbackDirectory(root);
    }

    /** Opens the directory, creating it if absent. */
    public static StateDirectory open(Path root) {
        var state = new StateDirectory(root.toAbsolutePath());
        state.directory(state.root);
        return state;
    }

    /** The space on its disk, in whole MiB; empty if that cannot be read. */
    public Optional<DiskReport> disk() {
        try {
            var store = Files.getFileStore(root);
            return Optional.of(new DiskReport(wholeMib(store.getUsableSpace()), wholeMib(store.getTotalSpace())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long wholeMib(long bytes) {
        return Math.max(0, bytes) >> 20 << 20;
    }

    public Path root() {
        return root;
    }

    public DiskReserve reserve() {
        return reserve;
    }

    /** Creates a directory below the root, if absent. */
    public Path directory(String name) {
        return directory(root.resolve(name));
    }

    /** Creates a directory, if absent; returns once it is durable. */
    public Path directory(Path directory) {
        try {
            return retryWhenFull(() -> createDirectory(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates a directory for the output of running programs: here, or on another disk that has more space.
     *
     * @param bytes with that much free space here, no other disk is considered
     */
    public Path roomyDirectory(String name, long bytes) {
        reserve.releaseIfScarce();
        var usable = reserve.usable();
        var place = usable < bytes ? fallback.directory(usable).orElse(root) : root;
        return directory(place.resolve(name));
    }

    /** All places where {@link #roomyDirectory} may have created a directory of that name. */
    public List<Path> placesOf(String name) {
        return Stream.concat(Stream.of(root), fallback.existing().stream())
                .map(place -> place.resolve(name))
                .toList();
    }

    /** Writes a file below the root. */
    public void writeJson(String name, Object value) {
        writeJson(root.resolve(name), value);
    }

    public void writeJson(Path file, Object value) {
        try {
            write(file, Json.LENIENT.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot encode " + file.getFileName(), e);
        }
    }

    public <T> Optional<T> readJson(String name, Class<T> type) {
        return readJson(root.resolve(name), type);
    }

    /**
     * Reads a file, if it exists.
     *
     * @throws DamagedFile if it exists and cannot be used; it is not changed
     */
    public <T> Optional<T> readJson(Path file, Class<T> type) {
        try {
            return Optional.of(Optional.ofNullable(Json.LENIENT.readValue(Files.readAllBytes(file), type))
                    .orElseThrow(() -> new IllegalArgumentException("null")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new DamagedFile(file + " is not valid");
        } catch (IOException e) {
            throw new DamagedFile(file + " cannot be read: " + e.getMessage());
        }
    }

    /** Replaces a file; returns once the new content is durable. */
    public void write(Path file, byte[] content) {
        write(file, out -> out.write(content));
    }

    /** Content that is written in parts. */
    public interface Content {
        /** Called again if the disk was full and space has been released. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** As {@link #write(Path, byte[])}, without the content in memory. */
    public void write(Path file, Content content) {
        try {
            retryWhenFull(() -> {
                writeOnce(file, content);
                return file;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Replaces a file's end; returns once that is durable. A power cut may leave a part of the new end.
     *
     * @param position where the new end begins; what is there is lost
     */
    public void writeEnd(Path file, long position, byte[] content) {
        try {
            retryWhenFull(() -> {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(position).position(position);
                    Channels.newOutputStream(channel).write(content);
                    channel.force(true);
                }
                return file;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    public void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    /**
     * Deletes a directory with its contents. A program may still write there: files that disappear meanwhile are
     * ignored, and a directory it adds files to stays.
     */
    public void deleteTree(Path directory) {
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + directory, e);
        }
    }

    /** Renames a file that cannot be used, keeping it for inspection. */
    public void setAside(Path file) {
        try {
            Files.move(file, aside(file), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot rename " + file, e);
        }
    }

    /** Whether a file of that name was ever set aside. */
    public boolean hasAside(String name) {
        return Files.exists(aside(root.resolve(name)));
    }

    private static Path aside(Path file) {
        return file.resolveSibling(file.getFileName() + ".damaged");
    }

    private static Path createDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            var parent = createDirectory(directory.getParent());
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            sync(parent);
        }
        return directory;
    }

    /** Makes a directory's entries durable. */
    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void writeOnce(Path file, Content content) throws IOException {
        var temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.deleteIfExists(temporary); // left by a crash, or a planted link
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(temporary, options, mode)) {
            var out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 * 1024);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(temporary); // it may have filled the disk
            throw e;
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.toAbsolutePath().getParent());
    }

    private <T> T retryWhenFull(DiskWrite<T> write) throws IOException {
        while (true) {
            try {
                return write.run();
            } catch (IOException e) {
                if (!DiskReserve.isFull(e) || !reserve.release()) {
                    throw e;
                }
            }
        }
    }

    /** Deletes files, ignoring those that disappear meanwhile. */
    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
            try {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            } catch (DirectoryNotEmptyException added) {
                return FileVisitResult.CONTINUE;
            }
        }
    }

    @FunctionalInterface
    private interface DiskWrite<T> {
        T run() throws IOException;
    }

    /** A file of the agent that exists but cannot be used; the message names it and the reason. */
    public static final class DamagedFile extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DamagedFile(String message) {
            super(message);
        }
    }
}
