package io.resticfleet.server.tree;

import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Makes blocks of a listing: of each directory one page, or several with a {@link Fan}. Only the last pages of the open
 * directories are in memory. Used by one thread.
 */
final class TreeWriter {

    private static final int MAX_PAGE = 512;
    private static final int MIN_PAGE = 128;

    /** A name whose hash has none of these bits ends a page, so that a change of a large directory changes few pages. */
    private static final int PAGE_END_BITS = 0xff;

    /** Of all open pages together. */
    private static final long MAX_OPEN_BYTES = 4L * 1024 * 1024;

    /** Of one page, once it is read. */
    private static final int MAX_PAGE_BYTES = 128 * 1024;

    /** Of all that is kept of stored pages of the open directories. */
    private static final long MAX_PARTS_BYTES = 16L * 1024 * 1024;

    /** For such a page, beside the name of its first entry. */
    private static final int PART_BYTES = 64;

    private final BlockSink sink;
    private final Deque<Level> open = new ArrayDeque<>();
    private long openBytes;
    private long partsBytes;
    private long nodes;

    /** A directory whose entries are being listed. */
    private static final class Level {
        private final TreeNode directory;
        private PageWriter page = new PageWriter();
        private final List<Fan.Part> pages = new ArrayList<>();
        private long bytes;

        private Level(TreeNode directory) {
            this.directory = directory;
        }
    }

    TreeWriter(BlockSink sink) {
        this.sink = sink;
        open.push(new Level(null));
    }

    /**
     * Adds the next one in the order of a walk: a directory, then at once its content.
     *
     * @throws TreeIndex.Refused if its directories are too large for the memory
     */
    void add(TreeNode node) throws TreeIndex.Refused {
        while (open.size() > node.depth()) {
            close();
        }
        nodes++;
        if (node.type() == NodeType.DIRECTORY) {
            open.push(new Level(node));
        } else {
            add(node, 0);
        }
    }

    /** Adds a directory whose content is stored already. */
    void addStored(TreeNode directory, long child) throws TreeIndex.Refused {
        nodes++;
        add(directory, child);
    }

    /** Ends the listing. The block of the listed directory; 0 if it is empty. */
    long end() throws TreeIndex.Refused {
        while (open.size() > 1) {
            close();
        }
        return finish(open.element());
    }

    /** Number of files and directories. */
    long nodes() {
        return nodes;
    }

    private void close() throws TreeIndex.Refused {
        var level = open.pop();
        add(level.directory, finish(level));
    }

    private void add(TreeNode node, long child) throws TreeIndex.Refused {
        var level = open.element();
        int before = level.page.bytes();
        level.page.add(node, child);
        openBytes += level.page.bytes() - before;
        if (level.page.count() >= MAX_PAGE
                || level.page.bytes() >= MAX_PAGE_BYTES
                || level.page.count() >= MIN_PAGE && endsPage(node)) {
            flush(level);
        } else if (openBytes > MAX_OPEN_BYTES) {
            for (var each : open) {
                flush(each);
            }
        }
    }

    private static boolean endsPage(TreeNode node) {
        return (Arrays.hashCode(node.name().bytes()) & PAGE_END_BITS) == 0;
    }

    private void flush(Level level) throws TreeIndex.Refused {
        var page = level.page;
        if (page.count() > 0) {
            level.pages.add(new Fan.Part(page.first(), page.count(), sink.store(page.toArray(), page.childIds())));
            openBytes -= page.bytes();
            level.bytes += page.first().length() + PART_BYTES;
            partsBytes += page.first().length() + PART_BYTES;
            level.page = new PageWriter();
            if (partsBytes > MAX_PARTS_BYTES) {
                throw new TreeIndex.Refused("its directories are too large");
            }
        }
    }

    private long finish(Level level) throws TreeIndex.Refused {
        flush(level);
        partsBytes -= level.bytes;
        if (level.pages.isEmpty()) {
            return 0;
        }
        if (level.pages.size() == 1) {
            return level.pages.get(0).block();
        }
        var blocks = level.pages.stream().map(Fan.Part::block).toList();
        return sink.store(new Fan(level.pages).toArray(), blocks);
    }
}
