package io.resticfleet.faults.disk;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A machine's disk, used through {@link java.nio.file.Files}. It can be full, and a power cut loses unflushed data as
 * POSIX allows: independently for each file and each directory entry.
 */
public final class MemoryDisk {

    private static final long CAPACITY = 64L * 1024 * 1024;

    private final DiskFileSystem files = new DiskFileSystem(this);
    private final Runnable beforeChange;
    private final Node.Directory root = new Node.Directory();
    private final List<Move> moves = new ArrayList<>();
    private boolean full;
    private long freeBytes;
    private boolean unobserved;

    /** A move between directories: after a power cut the file is in one of them. */
    private record Move(Node node, Node.Directory from, String name, Node.Directory to, String newName) {}

    /** @param beforeChange called before each change; if it throws, nothing is changed */
    public MemoryDisk(Runnable beforeChange) {
        this.beforeChange = beforeChange;
    }

    /** Copies the contents of another disk onto this one, which is empty. */
    public void copy(MemoryDisk other) {
        root.entries.putAll(other.root.copy().entries);
        root.flush();
    }

    public Path root() {
        return files.getPath("/");
    }

    /** Runs an action of another program than the observed one. */
    public void unobserved(Action action) throws IOException {
        unobserved = true;
        try {
            action.run();
        } finally {
            unobserved = false;
        }
    }

    /** A disk operation. */
    @FunctionalInterface
    public interface Action {
        void run() throws IOException;
    }

    /** Limits the free space to that many bytes. */
    public void fill(long bytes) {
        full = true;
        freeBytes = bytes;
    }

    public void free() {
        full = false;
    }

    /** Cuts the machine's power. */
    public void cut(RandomGenerator random) {
        for (var move : moves) {
            boolean happened = move.to().entries.get(move.newName()) == move.node()
                    && !move.from().entries.containsKey(move.name());
            if (happened && random.nextBoolean()) {
                move.to().flush(move.newName());
                move.from().flush(move.name());
            } else if (happened) {
                move.to().entries.remove(move.newName());
                move.from().entries.put(move.name(), move.node());
            }
        }
        moves.clear();
        root.cut(random);
    }

    /** Total size of all files. */
    public long bytes() {
        return root.bytes();
    }

    void notifyChange() {
        if (!unobserved) {
            beforeChange.run();
        }
    }

    void takeSpace(long bytes) throws IOException {
        if (full && bytes > freeBytes) {
            throw new IOException("Disk quota exceeded");
        }
        if (!full && bytes > 0 && bytes > CAPACITY) {
            throw new IOException("No space left on device");
        }
        if (full) {
            freeBytes -= bytes;
        }
    }

    Optional<Node> find(DiskPath path) {
        Node node = root;
        for (var name : path.absoluteNames()) {
            if (!(node instanceof Node.Directory directory) || !directory.entries.containsKey(name)) {
                return Optional.empty();
            }
            node = directory.entries.get(name);
        }
        return Optional.of(node);
    }

    Node get(DiskPath path) throws NoSuchFileException {
        return find(path).orElseThrow(() -> new NoSuchFileException(path.toString()));
    }

    Node.Directory directory(DiskPath path) throws IOException {
        if (get(path) instanceof Node.Directory directory) {
            return directory;
        }
        throw new NotDirectoryException(path.toString());
    }

    List<String> names(DiskPath path) throws IOException {
        return List.copyOf(directory(path).entries.keySet());
    }

    void makeDirectory(DiskPath path) throws IOException {
        if (find(path).isPresent()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        notifyChange();
        takeSpace(1);
        parent(path).entries.put(name(path), new Node.Directory());
    }

    Node.File makeFile(DiskPath path) throws IOException {
        notifyChange();
        takeSpace(1);
        var file = new Node.File();
        parent(path).entries.put(name(path), file);
        return file;
    }

    void delete(DiskPath path) throws IOException {
        var node = get(path);
        if (node instanceof Node.Directory directory && !directory.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        notifyChange();
        parent(path).entries.remove(name(path));
        freeBytes += node.bytes() + 1;
    }

    void move(DiskPath from, DiskPath to) throws IOException {
        var node = get(from);
        notifyChange();
        if (parent(from) != parent(to)) {
            moves.add(new Move(node, parent(from), name(from), parent(to), name(to)));
        }
        long freed = find(to).map(Node::bytes).orElse(0L);
        parent(from).entries.remove(name(from));
        parent(to).entries.put(name(to), node);
        freeBytes += freed;
    }

    void flush(Node.Directory directory) {
        directory.flush();
        for (var move : List.copyOf(moves)) {
            if (move.from() == directory || move.to() == directory) {
                move.to().flush(move.newName());
                move.from().flush(move.name());
                moves.remove(move);
            }
        }
    }

    private Node.Directory parent(DiskPath path) throws IOException {
        return directory(path.parentOrRoot());
    }

    private static String name(DiskPath path) {
        return path.absoluteNames().get(path.absoluteNames().size() - 1);
    }
}
