package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads directories of stored trees. A block of 0 is an empty directory. Used by one thread, for one request. */
final class TreeReader implements AutoCloseable {

    /** Blocks that are kept for the next lookup. */
    private static final int MAX_KEPT = 128;

    /** Of lists of pages among them. */
    private static final int MAX_KEPT_BYTES = 8 * 1024 * 1024;

    private final BlockSource source;
    private final Compression compression = new Compression();
    private final Map<Long, Object> kept = new LinkedHashMap<>(MAX_KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Object> eldest) {
            return size() > MAX_KEPT;
        }
    };

    private long keptBytes;

    TreeReader(BlockSource source) {
        this.source = source;
    }

    /** A page or a {@link Fan}. */
    private Object block(long id) {
        var known = kept.get(id);
        if (known == null) {
            var bytes = compression.decompress(source.get(id));
            boolean fan = bytes[0] == Fan.KIND;
            if (fan && (keptBytes += bytes.length) > MAX_KEPT_BYTES) {
                kept.clear();
                keptBytes = bytes.length;
            }
            known = fan ? Fan.read(bytes) : DirectoryPage.read(bytes);
            kept.put(id, known);
        }
        return known;
    }

    private DirectoryPage page(long id) {
        return (DirectoryPage) block(id);
    }

    /** Number of entries of a directory. */
    long count(long directory) {
        if (directory == 0) {
            return 0;
        }
        return block(directory) instanceof Fan fan
                ? fan.pages().stream().mapToLong(Fan.Part::count).sum()
                : page(directory).entries().size();
    }

    /** The pages of a directory, in their order. */
    List<Long> pages(long directory) {
        if (directory == 0) {
            return List.of();
        }
        return block(directory) instanceof Fan fan
                ? fan.pages().stream().map(Fan.Part::block).toList()
                : List.of(directory);
    }

    List<DirectoryPage.Entry> entries(long page) {
        return page(page).entries();
    }

    /** Entries of a directory from this one on. */
    List<DirectoryPage.Entry> slice(long directory, long from, int limit) {
        if (directory == 0) {
            return List.of();
        }
        if (!(block(directory) instanceof Fan fan)) {
            return slice(page(directory).entries(), from, limit);
        }
        var found = new ArrayList<DirectoryPage.Entry>();
        long skip = from;
        for (var part : fan.pages()) {
            if (skip < part.count()) {
                found.addAll(slice(page(part.block()).entries(), skip, limit - found.size()));
                skip = 0;
            } else {
                skip -= part.count();
            }
            if (found.size() == limit) {
                break;
            }
        }
        return found;
    }

    private static List<DirectoryPage.Entry> slice(List<DirectoryPage.Entry> entries, long from, int limit) {
        int start = (int) Math.min(from, entries.size());
        return entries.subList(start, Math.min(entries.size(), start + limit));
    }

    /** The entry of this name. */
    Optional<DirectoryPage.Entry> find(long directory, RawText name) {
        if (directory == 0) {
            return Optional.empty();
        }
        var page = block(directory) instanceof Fan fan
                ? page(fan.pages().get(fan.find(name)).block())
                : page(directory);
        int low = 0;
        int high = page.entries().size() - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            var entry = page.entries().get(middle);
            int order = entry.node().name().compareTo(name);
            if (order == 0) {
                return Optional.of(entry);
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** What is at a path other than the root. */
    Optional<DirectoryPage.Entry> find(long root, List<RawText> names) {
        long directory = root;
        var found = Optional.<DirectoryPage.Entry>empty();
        for (var name : names) {
            found = find(directory, name);
            if (found.isEmpty()) {
                return found;
            }
            directory = found.get().child();
        }
        return found;
    }

    /** The block of the directory at a path; empty if there is none. */
    Optional<Long> directory(long root, SnapshotPath path) {
        return path.names().isEmpty()
                ? Optional.of(root)
                : find(root, path.names())
                        .filter(DirectoryPage.Entry::isDirectory)
                        .map(DirectoryPage.Entry::child);
    }

    @Override
    public void close() {
        compression.close();
    }
}
