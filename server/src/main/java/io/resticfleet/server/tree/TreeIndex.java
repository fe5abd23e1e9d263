package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.listing.ListingReader;
import io.resticfleet.server.db.SideDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trees of snapshots, in a file of their own. Each directory is stored once, however many snapshots have it. Safe for use by
 * many threads.
 */
final class TreeIndex {

    private static final Logger log = LoggerFactory.getLogger(TreeIndex.class);

    /** Files and directories of one snapshot. */
    private static final long MAX_NODES = 20_000_000;

    /** One snapshot may take this part of the whole index. */
    private static final int LARGEST_PART = 4;

    /** More than the largest tree of an index of 2 GiB. */
    static final long LEFT_FREE = 512L * 1024 * 1024;

    /** Eviction ends at this many per cent of the limit. */
    private static final int AFTER_EVICTION = 95;

    private final SideDatabase db;
    private final long maxBytes;
    private final Blocks blocks;
    private int writing;

    /** @param maxBytes of the file, above which the oldest trees are evicted */
    TreeIndex(SideDatabase db, long maxBytes) {
        this.db = db;
        this.maxBytes = maxBytes;
        this.blocks = new Blocks(db);
    }

    /** Reads from the index, in one state of it. */
    <T> T read(Function<Handle, T> query) {
        return db.read(query);
    }

    /** Reads trees and directories, in one state of the index. */
    <T> T read(BiFunction<TreeDao, TreeReader, T> query) {
        return db.read(handle -> {
            try (var reader = new TreeReader(BlockDao.of(handle))) {
                return query.apply(handle.attach(TreeDao.class), reader);
            }
        });
    }

    /** A snapshot's tree; absent if it is not indexed, or was evicted. */
    Optional<TreeRow> find(RepositoryId repositoryId, String snapshotId) {
        return db.<Optional<TreeRow>>read(handle -> handle.attach(TreeDao.class).find(repositoryId, snapshotId))
                .filter(tree -> tree.root().isPresent());
    }

    /** Uses the tree of another snapshot of the same machine, if restic says that they have the same files. */
    boolean reuse(RepositoryId repositoryId, Snapshot snapshot) {
        return snapshot.tree().isPresent()
                && db.write(tx -> {
                    var dao = tx.attach(TreeDao.class);
                    var same = dao.same(
                            repositoryId, snapshot.hostname(), snapshot.tree().get());
                    same.ifPresent(tree -> {
                        refer(tx, tree, 1);
                        dao.insert(row(
                                repositoryId,
                                snapshot,
                                tree.resticTree(),
                                tree.root().get(),
                                tree.nodes(),
                                0,
                                tree.hostId()));
                    });
                    return same.isPresent();
                });
    }

    private static TreeRow row(
            RepositoryId repositoryId,
            Snapshot snapshot,
            String resticTree,
            long root,
            long nodes,
            long bytes,
            HostId hostId) {
        return new TreeRow(
                0,
                repositoryId,
                snapshot.hostname(),
                snapshot.id(),
                snapshot.time(),
                resticTree,
                Optional.of(root),
                nodes,
                bytes,
                hostId);
    }

    /** A listing that cannot be stored. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Stores the listing of a snapshot; nothing of it is visible before its end.
     *
     * @param hostId whose agent sends it
     * @throws IOException if it is incomplete, of another snapshot, or too large
     */
    void store(HostId hostId, RepositoryId repositoryId, Snapshot snapshot, InputStream body) throws IOException {
        synchronized (this) {
            writing++;
        }
        try (var batch = blocks.begin(maxBytes / LARGEST_PART)) {
            var listing = new ListingReader(body, MAX_NODES);
            var header = listing.header();
            if (!header.snapshot().equals(snapshot.id())
                    || !snapshot.tree().orElse(header.tree()).equals(header.tree())) {
                throw new Refused("it is the listing of another snapshot");
            }
            var writer = new TreeWriter(batch);
            for (var node = listing.next(); node.isPresent(); node = listing.next()) {
                writer.add(node.get());
            }
            long root = writer.end();
            if (root != 0) {
                batch.refer(root);
            }
            var row = row(repositoryId, snapshot, header.tree(), root, writer.nodes(), batch.bytes(), hostId);
            batch.end(tx -> tx.attach(TreeDao.class).insert(row));
            log.info(
                    "indexed a snapshot host={} snapshot={} files={} bytes={}",
                    hostId,
                    snapshot.shortId(),
                    row.nodes(),
                    row.storedBytes());
        } catch (Blocks.TooLarge e) {
            throw new Refused(e.getMessage());
        } finally {
            synchronized (this) {
                writing--;
            }
        }
    }

    /** Random, of this content: another one once the file was replaced. */
    String instance() {
        return db.instance();
    }

    /** A tree whose names are not known yet. */
    Optional<TreeRow> notFound() {
        return db.read(handle -> handle.attach(TreeDao.class).notFound());
    }

    /** The names of a tree are known. */
    void found(TreeRow tree) {
        db.change(tx -> tx.attach(TreeDao.class).found(tree.id()));
    }

    /** No names are known any more. */
    void nothingFound() {
        db.change(tx -> tx.attach(TreeDao.class).foundNone());
    }

    /** Whether a machine has trees. */
    boolean hasAny(RepositoryId repositoryId, String hostname) {
        return db.<Long>read(handle -> handle.attach(TreeDao.class).count(repositoryId, hostname)) > 0;
    }

    /** Whether the names of all trees of a machine are known. */
    boolean allFound(RepositoryId repositoryId, String hostname) {
        return db.read(handle -> handle.attach(TreeDao.class).allFound(repositoryId, hostname));
    }

    /** Number of all trees whose names are known. */
    long count() {
        return db.read(handle -> handle.attach(TreeDao.class).count());
    }

    /** The repositories of which it has trees. */
    List<RepositoryId> repositories() {
        return db.read(handle -> handle.attach(TreeDao.class).repositories());
    }

    /** The snapshots of a repository that were indexed, evicted or not: those after this one. */
    List<String> snapshots(RepositoryId repositoryId, String after, int limit) {
        return db.read(handle -> handle.attach(TreeDao.class).snapshots(repositoryId, after, limit));
    }

    /** Those of these snapshots that were indexed, evicted or not. */
    Set<String> known(RepositoryId repositoryId, List<String> snapshotIds) {
        return snapshotIds.isEmpty()
                ? Set.of()
                : Set.copyOf(db.read(handle -> handle.attach(TreeDao.class).known(repositoryId, snapshotIds)));
    }

    /** Removes what no tree has, unless something is being stored. The size of what was removed; empty if that is not possible. */
    Optional<Long> removeUnused() {
        long total = 0;
        for (long removed = 1; removed > 0; total += removed) {
            synchronized (this) {
                if (writing > 0) {
                    return Optional.empty();
                }
                removed = blocks.removeUnused();
            }
        }
        return Optional.of(total);
    }

    /** Removes the trees of a repository's snapshots that are listed no more. */
    void remove(RepositoryId repositoryId, List<String> snapshotIds) {
        for (var id : snapshotIds) {
            db.<Optional<TreeRow>>write(tx -> {
                        var dao = tx.attach(TreeDao.class);
                        var tree = dao.find(repositoryId, id);
                        tree.ifPresent(row -> {
                            refer(tx, row, -1);
                            dao.delete(row.id());
                        });
                        return tree;
                    })
                    .ifPresent(this::settle);
        }
    }

    private static void refer(Handle tx, TreeRow tree, int change) {
        tree.root().filter(root -> root != 0).ifPresent(root -> BlockDao.of(tx).refer(Map.of(root, change)));
    }

    /** Removes what only this tree had, and counts the rest for the nearest one of the same machine. */
    private void settle(TreeRow gone) {
        removeUnused()
                .filter(removed -> removed < gone.storedBytes())
                .ifPresent(removed ->
                        db.change(tx -> tx.attach(TreeDao.class).inherit(gone, gone.storedBytes() - removed)));
    }

    /** Whether a snapshot is older than one of the same machine for which there was no room. */
    boolean isEvicted(RepositoryId repositoryId, Snapshot snapshot) {
        return db.<Optional<Instant>>read(
                        handle -> handle.attach(TreeDao.class).newestEvicted(repositoryId, snapshot.hostname()))
                .filter(newest -> !snapshot.time().isAfter(newest))
                .isPresent();
    }

    /** Has evicted trees listed again, if there is much room now. Returns whether there are such. */
    boolean forgetEvicted() {
        return db.bytes() < maxBytes / 2
                && db.<Integer>write(tx -> tx.attach(TreeDao.class).forgetEvicted()) > 0;
    }

    /** Whether more trees can be stored: what the server itself stores has the last space of the disk. */
    boolean mayGrow() {
        return hasRoom() && db.freeBytes() > LEFT_FREE;
    }

    private boolean hasRoom() {
        return db.bytes() < maxBytes;
    }

    /**
     * Evicts trees while the index is too large: the oldest of the host whose agent's trees take most, so that none can evict
     * those of the others. Returns whether one was evicted.
     */
    boolean evict() {
        if (hasRoom()) {
            return false;
        }
        boolean any = false;
        while (removeUnused().isPresent() && db.bytes() > maxBytes * AFTER_EVICTION / 100) {
            var evicted = db.write(TreeIndex::evictOne);
            if (evicted.isEmpty()) {
                break;
            }
            any = true;
            settle(evicted.get());
            log.warn(
                    "the index is full, removed the files of a snapshot host={} snapshot={} at={}",
                    evicted.get().hostId(),
                    evicted.get().snapshotId(),
                    evicted.get().takenAt());
        }
        return any;
    }

    private static Optional<TreeRow> evictOne(Handle tx) {
        var dao = tx.attach(TreeDao.class);
        var tree = dao.largestLister().flatMap(dao::oldest);
        tree.ifPresent(oldest -> {
            refer(tx, oldest, -1);
            dao.evict(oldest.id());
        });
        return tree;
    }

    /** Whether there is to be an index. */
    boolean isOn() {
        return maxBytes > 0;
    }

    /** Forgets everything. */
    void clear() {
        db.markDamaged();
        replaceIfDamaged();
    }

    /** Replaces a damaged file by an empty one. Returns whether it did. */
    boolean replaceIfDamaged() {
        boolean replaced = db.replaceIfDamaged();
        if (replaced) {
            blocks.opened();
        }
        return replaced;
    }
}
