package io.resticfleet.server.tree;

import io.resticfleet.server.db.SideDatabase;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Directories in the index, each stored once. What is written is not used before a tree has it, and is removed otherwise; while
 * anything is being written, nothing may be removed. Safe for use by many threads.
 */
final class Blocks {

    private static final int REMOVED_AT_ONCE = 500;

    private final SideDatabase db;
    private final AtomicLong lastId = new AtomicLong();

    Blocks(SideDatabase db) {
        this.db = db;
        opened();
    }

    /** Call it again after the file was replaced. */
    void opened() {
        lastId.set(db.read(handle -> BlockDao.of(handle).lastId()));
    }

    /** Removes some of the blocks that nothing has. The size of those; 0 if there are none. */
    long removeUnused() {
        return db.write(tx -> {
            var dao = BlockDao.of(tx);
            var digest = digest();
            try (var compression = new Compression()) {
                var rows = new ArrayList<BlockDao.Row>();
                var changes = new HashMap<Long, Integer>();
                for (var row : dao.unused(REMOVED_AT_ONCE)) {
                    var block = compression.decompress(row.content());
                    rows.add(new BlockDao.Row(row.id(), 0, hash(digest, block), row.content()));
                    children(block).forEach(child -> changes.merge(child, -1, Integer::sum));
                }
                dao.refer(changes);
                dao.delete(rows);
                return rows.stream().mapToLong(row -> row.content().length).sum();
            }
        });
    }

    private static List<Long> children(byte[] block) {
        return block[0] == Fan.KIND
                ? Fan.read(block).pages().stream().map(Fan.Part::block).toList()
                : DirectoryPage.read(block).entries().stream()
                        .map(DirectoryPage.Entry::child)
                        .filter(child -> child != 0)
                        .toList();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With a secret of this file, so that nobody can choose blocks with the same hash. */
    private int hash(MessageDigest digest, byte[] block) {
        digest.update(db.instance().getBytes(StandardCharsets.US_ASCII));
        var hash = digest.digest(block);
        return hash[0] << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | hash[3] & 0xff;
    }

    /** Begins to write blocks. */
    Batch begin(long maxBytes) {
        return new Batch(maxBytes);
    }

    /** A tree would take too much of the index. */
    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TooLarge(long maxBytes) {
            super("its files take more than " + maxBytes / 1024 / 1024 + " MiB of the index");
        }
    }

    /** Blocks of one tree, written in short transactions. Used by one thread. */
    final class Batch implements BlockSink, AutoCloseable {

        private static final int MAX_PENDING = 500;
        private static final int MAX_PENDING_BYTES = 512 * 1024;

        private final long maxBytes;
        private final MessageDigest digest = digest();
        private final Compression compression = new Compression();
        private final Map<Long, Pending> pending = new HashMap<>();
        private final Map<Integer, List<Pending>> pendingByHash = new HashMap<>();
        private final Map<Long, Integer> references = new HashMap<>();
        private long pendingBytes;
        private long bytes;

        private static final class Pending {
            private final long id;
            private final int hash;
            private final byte[] block;
            private final byte[] content;
            private int refs;

            private Pending(long id, int hash, byte[] block, byte[] content) {
                this.id = id;
                this.hash = hash;
                this.block = block;
                this.content = content;
            }
        }

        private Batch(long maxBytes) {
            this.maxBytes = maxBytes;
        }

        /** @throws TooLarge if all new blocks together take more than they may */
        @Override
        public long store(byte[] block, List<Long> children) {
            int hash = hash(digest, block);
            for (var same : pendingByHash.getOrDefault(hash, List.of())) {
                if (Arrays.equals(same.block, block)) {
                    return same.id;
                }
            }
            for (var row : db.read(handle -> BlockDao.of(handle).candidates(hash))) {
                if (Arrays.equals(compression.decompress(row.content()), block)) {
                    return row.id();
                }
            }
            var added = new Pending(lastId.incrementAndGet(), hash, block, compression.compress(block));
            pending.put(added.id, added);
            pendingByHash.computeIfAbsent(hash, any -> new ArrayList<>(1)).add(added);
            pendingBytes += block.length + added.content.length;
            bytes += added.content.length;
            children.forEach(this::refer);
            if (bytes > maxBytes) {
                throw new TooLarge(maxBytes);
            }
            if (pending.size() >= MAX_PENDING || pendingBytes >= MAX_PENDING_BYTES) {
                flush();
            }
            return added.id;
        }

        /** Counts a reference to a block. */
        void refer(long id) {
            var fresh = pending.get(id);
            if (fresh != null) {
                fresh.refs++;
            } else {
                references.merge(id, 1, Integer::sum);
            }
        }

        private void flush() {
            end(tx -> {});
        }

        /** Writes what is still in memory, and in the same transaction what has it. */
        void end(Consumer<Handle> owner) {
            db.change(tx -> {
                write(tx);
                owner.accept(tx);
            });
            pending.clear();
            pendingByHash.clear();
            references.clear();
            pendingBytes = 0;
        }

        private void write(Handle tx) {
            var dao = BlockDao.of(tx);
            dao.insert(pending.values().stream()
                    .map(each -> new BlockDao.Row(each.id, each.refs, each.hash, each.content))
                    .toList());
            dao.refer(references);
        }

        /** Size of the new blocks so far. */
        long bytes() {
            return bytes;
        }

        @Override
        public void close() {
            compression.close();
        }
    }
}
