package io.resticfleet.server.tree;

import java.util.List;

/** Where directories are written to. */
interface BlockSink {

    /**
     * Stores a block, unless there is one with the same bytes.
     *
     * @param children blocks that it has
     * @return its id, above 0
     */
    long store(byte[] block, List<Long> children);
}
