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
 * A directory on another disk for the output of running programs, used when the state directory's own disk is full. Its
 * name is always the same, so that an agent finds it again after a restart.
 *
 * <p>Other users may write to its parent: it is used only if it is a directory of this user with mode 0700.
 */
final class FallbackDirectory {

    private static final String PRIVATE = "rwx------";
    private static final long MINIMUM_BYTES = 64L * 1024 * 1024;

    private final Path root;

    FallbackDirectory(Path root) {
        this.root = root;
    }

    /** The directory on another disk with more free space than that; absent if there is none. */
    Optional<Path> directory(long bytes) {
        return places().filter(place -> hasRoom(place, Math.max(bytes, MINIMUM_BYTES)))
                .filter(FallbackDirectory::createOwn)
                .findFirst();
    }

    /** All such directories that exist. */
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
            return false; // no such directory
        }
    }

    private static boolean createOwn(Path directory) {
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
