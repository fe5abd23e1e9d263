package io.resticfleet.faults.disk;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A path on a {@link MemoryDisk}. */
final class DiskPath implements Path {

    private final DiskFileSystem files;
    private final boolean absolute;
    private final List<String> names;

    DiskPath(DiskFileSystem files, boolean absolute, List<String> names) {
        this.files = files;
        this.absolute = absolute;
        this.names = List.copyOf(names);
    }

    static DiskPath of(Path path) {
        if (path instanceof DiskPath ours) {
            return ours;
        }
        throw new ProviderMismatchException(path.toString());
    }

    List<String> absoluteNames() {
        return names;
    }

    DiskPath parentOrRoot() {
        return new DiskPath(files, absolute, names.subList(0, Math.max(0, names.size() - 1)));
    }

    @Override
    public FileSystem getFileSystem() {
        return files;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public Path getRoot() {
        return absolute ? new DiskPath(files, true, List.of()) : null;
    }

    @Override
    public Path getFileName() {
        return names.isEmpty() ? null : getName(names.size() - 1);
    }

    @Override
    public Path getParent() {
        if (names.isEmpty() || names.size() == 1 && !absolute) {
            return null;
        }
        return parentOrRoot();
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return new DiskPath(files, false, List.of(names.get(index)));
    }

    @Override
    public Path subpath(int from, int to) {
        return new DiskPath(files, false, names.subList(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DiskPath ours
                && ours.absolute == absolute
                && ours.names.size() <= names.size()
                && names.subList(0, ours.names.size()).equals(ours.names);
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof DiskPath ours
                && ours.names.size() <= names.size()
                && names.subList(names.size() - ours.names.size(), names.size()).equals(ours.names);
    }

    @Override
    public Path normalize() {
        return this;
    }

    @Override
    public Path resolve(Path other) {
        var ours = of(other);
        if (ours.absolute) {
            return ours;
        }
        var all = new ArrayList<>(names);
        all.addAll(ours.names);
        return new DiskPath(files, absolute, all);
    }

    @Override
    public Path relativize(Path other) {
        if (!other.startsWith(this)) {
            throw new IllegalArgumentException(other + " is not below " + this);
        }
        return new DiskPath(
                files,
                false,
                of(other).names.subList(names.size(), of(other).names.size()));
    }

    @Override
    public URI toUri() {
        return URI.create("memory:" + this);
    }

    @Override
    public Path toAbsolutePath() {
        return absolute ? this : new DiskPath(files, true, names);
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return toAbsolutePath();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DiskPath path
                && path.files == files
                && path.absolute == absolute
                && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return Objects.hash(absolute, names);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", names);
    }
}
