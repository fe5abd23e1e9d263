package io.resticfleet.faults.disk;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A {@link MemoryDisk} as a file system for {@link java.nio.file.Files}. */
final class DiskFileSystem extends FileSystem {

    private final MemoryDisk disk;
    private final DiskProvider provider;

    DiskFileSystem(MemoryDisk disk) {
        this.disk = disk;
        this.provider = new DiskProvider(disk, this);
    }

    MemoryDisk disk() {
        return disk;
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(getPath("/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "posix");
    }

    @Override
    public Path getPath(String first, String... more) {
        var text = String.join(
                "/", Stream.concat(Stream.of(first), Stream.of(more)).toList());
        var names = Stream.of(text.split("/")).filter(name -> !name.isEmpty()).toList();
        return new DiskPath(this, text.startsWith("/"), names);
    }

    /** Supports only patterns such as {@code *.json}. */
    @Override
    public PathMatcher getPathMatcher(String pattern) {
        var suffix = pattern.replaceFirst("^glob:\\*", "");
        return path -> path.toString().endsWith(suffix);
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
