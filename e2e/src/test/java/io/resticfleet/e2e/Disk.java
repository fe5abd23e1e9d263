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
 * A file system of its own under a directory, which takes over what is there. {@link #close} takes it away with all it
 * holds.
 *
 * <p>One on files loses at {@link #cut} what a machine that loses power loses. It lies in a file of another file system,
 * which is made to forget at once whatever it was not told to keep: all that was neither synced nor happened to be
 * written out, in the memory of the kernel and in that of the disk.
 */
final class Disk implements AutoCloseable {

    /** Makes ext4 end at once without writing anything more: EXT4_IOC_SHUTDOWN, with EXT4_GOING_FLAGS_NOLOGFLUSH. */
    private static final String FORGET =
            "open(F, '<', $ARGV[0]) or die $!; my $f = pack('L', 2); ioctl(F, 0x8004587d, $f) or die $!";

    /** The kernel writes out by itself every so many seconds: as good as never, so that much is lost. */
    private static final String OPTIONS = "loop,commit=300";

    private static final String WHAT = "a disk of its own";

    private final Path directory;
    private final Optional<Path> files;

    /** @param files where the files lie, if it is one on files */
    private Disk(Path directory, Optional<Path> files) {
        this.directory = directory;
        this.files = files;
    }

    /** One in memory. Nobody may use the directory meanwhile. */
    static Disk inMemory(Path directory, int mebibytes) throws Exception {
        Root.need(WHAT, "mount", "umount");
        return new Disk(directory, Optional.empty()).made(() -> {}, "tmpfs", "mode=700,size=" + mebibytes + "m");
    }

    /**
     * One on files. Nobody may use the directory meanwhile.
     *
     * @param files a directory for them
     */
    static Disk onFiles(Path directory, Path files, int mebibytes) throws Exception {
        Root.need(WHAT, "mount", "umount", "mkfs.ext4", "perl");
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
        Root.may(WHAT, "mount", "-o", OPTIONS, image().toString(), outer().toString());
        try (var file = Files.newOutputStream(inner(), StandardOpenOption.CREATE_NEW)) {
            for (int i = 0; i < mebibytes; i++) {
                file.write(new byte[1024 * 1024]); // with its blocks in place, so that only their content can be lost
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
        Root.may(WHAT, "mount", "-t", type, "-o", options, device, directory.toString());
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

    /** Cuts the power and turns it on again. Who used the disk must have been killed before. */
    void cut() throws Exception {
        Root.run("perl", "-e", FORGET, outer().toString());
        eventually(() -> Root.run("umount", directory.toString())); // what was killed may take a moment to let go
        eventually(() -> Root.run("umount", outer().toString()));
        Root.run("mount", "-o", OPTIONS, image().toString(), outer().toString());
        Root.run("mount", "-o", OPTIONS, inner().toString(), directory.toString());
    }

    /** Leaves so many bytes free, about. */
    void fill(long leave) throws IOException {
        var store = Files.getFileStore(directory);
        for (int size : List.of(64 * 1024, 1024, 1)) {
            try (var out = Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (store.getUsableSpace() > leave) {
                    out.write(new byte[size]);
                }
                return;
            } catch (IOException e) {
                continue; // full, but perhaps for less
            }
        }
    }

    /** Gives free what was filled. */
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
            throw new IllegalStateException("cannot take the disk from " + directory, e);
        }
    }
}
