package io.resticfleet.server.tree;

import java.util.ArrayList;
import java.util.List;

/** Blocks of one directory in memory. Written by one thread, then read by many. */
final class MemoryBlocks implements BlockSource, BlockSink {

    private final long maxBytes;
    private final List<byte[]> contents = new ArrayList<>();
    private long bytes;

    /** The directory is too large for the memory. */
    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    MemoryBlocks(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public long store(byte[] block, List<Long> children) {
        try (var compression = new Compression()) {
            var content = compression.compress(block);
            bytes += content.length;
            if (bytes > maxBytes) {
                throw new TooLarge();
            }
            contents.add(content);
            return contents.size();
        }
    }

    @Override
    public byte[] get(long id) {
        return contents.get((int) id - 1);
    }

    long bytes() {
        return bytes;
    }
}
