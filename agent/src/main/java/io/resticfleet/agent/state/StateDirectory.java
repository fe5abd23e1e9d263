package io.resticfleet.agent.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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
 * The agent's own directory. What was written is there after a power cut once the write has returned, and is never half.
 *
 * <p>Directories are 0700, files 0600. Safe for use by many threads, as long as no two write one file.
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

    public Path root() {
        return root;
    }

    public DiskReserve reserve() {
        return reserve;
    }

    /** Creates a directory below the root, if it is not there. */
    public Path directory(String name) {
        return directory(root.resolve(name));
    }

    /** Creates a directory, if it is not there; returns when that is on disk. */
    public Path directory(Path directory) {
        try {
            return withRoom(() -> madeDirectory(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates a directory for what programs write while they run: here or, if there is more room, on another disk.
     *
     * @param bytes with so many left here, no other disk is looked at
     */
    public Path roomyDirectory(String name, long bytes) {
        reserve.releaseIfScarce();
        var usable = reserve.usable();
        var place = usable < bytes ? fallback.directory(usable).orElse(root) : root;
        return directory(place.resolve(name));
    }

    /** Where a directory of that name may have been made. */
    public List<Path> placesOf(String name) {
        return Stream.concat(Stream.of(root), fallback.existing().stream())
                .map(place -> place.resolve(name))
                .toList();
    }

    /** Writes a file under the root by its name. */
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
     * Reads a file, if it is there.
     *
     * @throws DamagedFile if it is there and cannot be used; it is left as it is
     */
    public <T> Optional<T> readJson(Path file, Class<T> type) {
        try {
            return Optional.of(Optional.ofNullable(Json.LENIENT.readValue(Files.readAllBytes(file), type))
                    .orElseThrow(() -> new IllegalArgumentException("null")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new DamagedFile(file + " cannot be understood");
        } catch (IOException e) {
            throw new DamagedFile(file + " cannot be read: " + e.getMessage());
        }
    }

    /** Replaces a file; returns when the new content is on disk. */
    public void write(Path file, byte[] content) {
        try {
            withRoom(() -> {
                writeOnce(file, content);
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
     * Removes a directory with all it holds. A program may still write there: what it removes meanwhile is no trouble, and
     * what it adds stays, with the directory.
     */
    public void deleteTree(Path directory) {
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + directory, e);
        }
    }

    /** Moves a file that cannot be used out of the way, keeping it for a person to look at. */
    public void setAside(Path file) {
        try {
            Files.move(file, aside(file), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move " + file + " away", e);
        }
    }

    /** Whether a file was set aside once. */
    public boolean hasAside(String name) {
        return Files.exists(aside(root.resolve(name)));
    }

    private static Path aside(Path file) {
        return file.resolveSibling(file.getFileName() + ".damaged");
    }

    private static Path madeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            var parent = madeDirectory(directory.getParent());
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            sync(parent);
        }
        return directory;
    }

    /** Makes durable which files are in a directory. */
    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void writeOnce(Path file, byte[] content) throws IOException {
        var temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.deleteIfExists(temporary); // of a crash, or a link that somebody has laid there
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(temporary, options, mode)) {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.toAbsolutePath().getParent());
    }

    private <T> T withRoom(Writing<T> writing) throws IOException {
        while (true) {
            try {
                return writing.run();
            } catch (IOException e) {
                if (!DiskReserve.isFull(e) || !reserve.release()) {
                    throw e;
                }
            }
        }
    }

    /** Deletes what is met, unless somebody else was faster. */
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
    private interface Writing<T> {
        T run() throws IOException;
    }

    /** A file of the agent's that is there but cannot be used; the message says which and what to do. */
    public static final class DamagedFile extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DamagedFile(String message) {
            super(message);
        }
    }
}
