package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;

import io.resticfleet.server.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A file system mounted over a directory, with the directory's contents. {@link #close} unmounts it and deletes
 * everything on it.
 *
 * <p>One backed by files loses at {@link #cut} what a power cut loses: its image is a file on another file system,
 * which is made to drop all writes that were neither synced nor written back yet, like the caches of the kernel and the
 * disk.
 */
final class Disk implements AutoCloseable {

    /** Shuts ext4 down without any further write: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH. */
    private static final String FORGET =
            "open(F, '<', $ARGV[0]) or die $!; my $f = pack('L', 2); ioctl(F, 0x8004587d, $f) or die $!";

    /** The kernel's own write-back interval in seconds: long, so that much is lost. */
    private static final String OPTIONS = "loop,commit=300";

    private static final String FEATURE = "a disk of its own";

    private final Path directory;
    private final Optional<Path> files;

    /** @param files directory of the image files; absent for one in memory */
    private Disk(Path directory, Optional<Path> files) {
        this.directory = directory;
        this.files = files;
    }

    /** A file system in memory. The directory must not be in use while it is mounted. */
    static Disk inMemory(Path directory, int mebibytes) throws Exception {
        Root.requirePrograms(FEATURE, "mount", "umount");
        return new Disk(directory, Optional.empty()).made(() -> {}, "tmpfs", "mode=700,size=" + mebibytes + "m");
    }

    /**
     * A file system on image files. The directory must not be in use while it is mounted.
     *
     * @param files directory of the image files
     */
    static Disk onFiles(Path directory, Path files, int mebibytes) throws Exception {
        Root.requirePrograms(FEATURE, "mount", "umount", "mkfs.ext4", "perl");
        var disk = new Disk(directory, Optional.of(files));
        return disk.made(() -> disk.make(mebibytes), disk.inner().toString(), OPTIONS);
    }

    private interface Making {
        void make() throws Exception;
    }

    private Disk made(Making making, String device, String options) throws Exception {
        try {
            making.make();
            takeOver(device, options);
            return this;
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    private void make(int mebibytes) throws Exception {
        Files.createDirectories(outer());
        Root.run("truncate", "-s", (mebibytes + mebibytes / 4 + 16) + "M", image().toString());
        Root.run("mkfs.ext4", "-q", "-F", image().toString());
        Root.runOrSkip(FEATURE, "mount", "-o", OPTIONS, image().toString(), outer().toString());
        try (var file = Files.newOutputStream(inner(), StandardOpenOption.CREATE_NEW)) {
            for (int i = 0; i < mebibytes; i++) {
                file.write(new byte[1024 * 1024]); // allocates the blocks, so that only content can be lost
            }
        }
        Root.run("mkfs.ext4", "-q", "-F", "-m", "0", inner().toString());
        Root.run("sync", "-f", outer().toString());
    }

    private void takeOver(String device, String options) throws Exception {
        Files.createDirectories(directory);
        var aside = directory.resolveSibling(directory.getFileName() + ".before");
        Root.run("cp", "-a", directory.toString(), aside.toString());
        var type = files.isPresent() ? "ext4" : "tmpfs";
        Root.runOrSkip(FEATURE, "mount", "-t", type, "-o", options, device, directory.toString());
        Root.run("cp", "-a", aside + "/.", directory.toString());
        Root.run("sync", "-f", directory.toString());
        Directories.delete(aside);
    }

    private Path image() {
        return files.orElseThrow().resolve("outer.img");
    }

    private Path outer() {
        return files.orElseThrow().resolve("outer");
    }

    private Path inner() {
        return outer().resolve("inner.img");
    }

    /** Cuts the power and restores it. Processes that use the disk must have been killed before. */
    void cut() throws Exception {
        Root.run("perl", "-e", FORGET, outer().toString());
        eventually(() -> Root.run("umount", directory.toString())); // killed processes may hold it for a moment
        eventually(() -> Root.run("umount", outer().toString()));
        Root.run("mount", "-o", OPTIONS, image().toString(), outer().toString());
        Root.run("mount", "-o", OPTIONS, inner().toString(), directory.toString());
    }

    /** Fills the disk up to about that many free bytes. */
    void fill(long leave) throws IOException {
        var store = Files.getFileStore(directory);
        for (int size : List.of(64 * 1024, 1024, 1)) {
            try (var out = Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (store.getUsableSpace() > leave) {
                    out.write(new byte[size]);
                }
                return;
            } catch (IOException e) {
                continue; // full, except for smaller writes
            }
        }
    }

    /** Frees the space taken by {@link #fill}. */
    void free() throws IOException {
        Files.deleteIfExists(filler());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    @Override
    public void close() {
        try {
            Root.attempt("umount", "--lazy", directory.toString());
            if (files.isPresent()) {
                Root.attempt("umount", "--lazy", outer().toString());
            }
        } catch (Exception e) {
            throw new IllegalStateException("cannot unmount " + directory, e);
        }
    }
}
