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

    private final BlockSink sink;
    private final Deque<Level> open = new ArrayDeque<>();
    private long openBytes;
    private long nodes;

    /** A directory whose entries are being listed. */
    private static final class Level {
        private final TreeNode directory;
        private PageWriter page = new PageWriter();
        private final List<Fan.Part> pages = new ArrayList<>();

        private Level(TreeNode directory) {
            this.directory = directory;
        }
    }

    TreeWriter(BlockSink sink) {
        this.sink = sink;
        open.push(new Level(null));
    }

    /** Adds the next one in the order of a walk: a directory, then at once its content. */
    void add(TreeNode node) {
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
    void addStored(TreeNode directory, long child) {
        nodes++;
        add(directory, child);
    }

    /** Ends the listing. The block of the listed directory; 0 if it is empty. */
    long end() {
        while (open.size() > 1) {
            close();
        }
        return finish(open.element());
    }

    /** Number of files and directories. */
    long nodes() {
        return nodes;
    }

    private void close() {
        var level = open.pop();
        add(level.directory, finish(level));
    }

    private void add(TreeNode node, long child) {
        var level = open.element();
        int before = level.page.bytes();
        level.page.add(node, child);
        openBytes += level.page.bytes() - before;
        if (level.page.count() >= MAX_PAGE || level.page.count() >= MIN_PAGE && endsPage(node)) {
            flush(level);
        } else if (openBytes > MAX_OPEN_BYTES) {
            open.forEach(this::flush);
        }
    }

    private static boolean endsPage(TreeNode node) {
        return (Arrays.hashCode(node.name().bytes()) & PAGE_END_BITS) == 0;
    }

    private void flush(Level level) {
        var page = level.page;
        if (page.count() > 0) {
            level.pages.add(new Fan.Part(page.first(), page.count(), sink.store(page.toArray(), page.childIds())));
            openBytes -= page.bytes();
            level.page = new PageWriter();
        }
    }

    private long finish(Level level) {
        flush(level);
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
