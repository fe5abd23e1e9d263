package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of a directory with more entries than one page has.
 *
 * @param pages in the order of their first names
 */
record Fan(List<Part> pages) {

    /** First byte of it. */
    static final int KIND = 1;

    /**
     * One page.
     *
     * @param first name of its first entry
     * @param block where it is stored
     */
    record Part(RawText first, int count, long block) {}

    static Fan read(byte[] bytes) {
        var reader = new ByteReader(bytes);
        if (reader.get() != KIND) {
            throw new IllegalStateException("not a list of pages");
        }
        int count = reader.count();
        var pages = new ArrayList<Part>(count);
        for (int i = 0; i < count; i++) {
            int entries = reader.count();
            long block = reader.number();
            pages.add(new Part(RawText.of(reader.text()), entries, block));
        }
        return new Fan(pages);
    }

    byte[] toArray() {
        var writer = new ByteWriter();
        writer.put(KIND);
        writer.number(pages.size());
        for (var page : pages) {
            writer.number(page.count());
            writer.number(page.block());
            writer.text(page.first().bytes());
        }
        return writer.toArray();
    }

    /** The page that can have an entry of this name. */
    int find(RawText name) {
        int low = 0;
        int high = pages.size() - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (pages.get(middle).first().compareTo(name) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
