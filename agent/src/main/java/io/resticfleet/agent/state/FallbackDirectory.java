package io.resticfleet.agent.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory on another disk for what programs write while they run, used when the state directory's own disk is full.
 * Its name is always the same, so that an agent that starts anew finds what was written.
 *
 * <p>Others may write where it lies: it is used only if it is a directory of this user's that nobody else may enter.
 */
final class FallbackDirectory {

    private static final String PRIVATE = "rwx------";
    private static final long ENOUGH_BYTES = 64L * 1024 * 1024;

    private final Path root;

    FallbackDirectory(Path root) {
        this.root = root;
    }

    /** The directory, where another disk has more than so much room; empty if none has. */
    Optional<Path> directory(long bytes) {
        return places().filter(place -> hasRoom(place, Math.max(bytes, ENOUGH_BYTES)))
                .filter(FallbackDirectory::made)
                .findFirst();
    }

    /** All such directories that are there. */
    List<Path> existing() {
        return places().filter(FallbackDirectory::isOurs).toList();
    }

    private Stream<Path> places() {
        var name = "restic-fleet-agent-" + Integer.toHexString(root.hashCode());
        return Stream.of(System.getProperty("java.io.tmpdir"), "/run", "/dev/shm")
                .map(place -> Path.of(place, name))
                .distinct();
    }

    private boolean hasRoom(Path directory, long bytes) {
        try {
            var store = Files.getFileStore(directory.getParent());
            return !store.equals(Files.getFileStore(root)) && store.getUsableSpace() > bytes;
        } catch (IOException e) {
            return false; // there is no such place
        }
    }

    private static boolean made(Path directory) {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            return true;
        } catch (FileAlreadyExistsException e) {
            return isOurs(directory);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isOurs(Path directory) {
        try {
            return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    && PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS))
                            .equals(PRIVATE)
                    && Objects.equals(
                            Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS),
                            Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return false;
        }
    }
}
