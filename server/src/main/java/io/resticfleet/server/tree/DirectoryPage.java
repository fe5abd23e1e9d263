package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part of a directory, as {@link PageWriter} wrote it.
 *
 * @param entries in the order of their names
 */
record DirectoryPage(List<Entry> entries) {

    private static final NodeType[] TYPES = NodeType.values();

    /** @param child block of its content, if it is a directory; 0 for an empty one */
    record Entry(TreeNode node, long child) {

        boolean isDirectory() {
            return node.type() == NodeType.DIRECTORY;
        }
    }

    static DirectoryPage read(byte[] bytes) {
        var reader = new ByteReader(bytes);
        if (reader.get() != PageWriter.KIND) {
            throw new IllegalStateException("not a page of a directory");
        }
        int count = reader.count();
        var heads = reader.get(count);
        var names = names(reader, count);
        var owners = owners(reader, heads);
        var sizes = new long[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = type(heads[i]) == NodeType.FILE ? reader.number() : 0;
        }
        var times = times(reader, heads);
        var children = new long[count];
        long child = 0;
        for (int i = 0; i < count; i++) {
            if (type(heads[i]) == NodeType.DIRECTORY) {
                child += reader.difference();
                children[i] = child;
            }
        }
        var links = new long[count];
        for (int i = 0; i < count; i++) {
            links[i] = (heads[i] & PageWriter.HAS_LINKS) != 0
                    ? reader.number()
                    : type(heads[i]) == NodeType.DIRECTORY ? 0 : 1;
        }
        var entries = new ArrayList<Entry>(count);
        for (int i = 0; i < count; i++) {
            var target = (heads[i] & PageWriter.HAS_TARGET) != 0
                    ? Optional.of(RawText.of(reader.text()))
                    : Optional.<RawText>empty();
            var owner = owners.get(i);
            entries.add(new Entry(
                    new TreeNode(
                            1,
                            names.get(i),
                            type(heads[i]),
                            sizes[i],
                            times[i],
                            owner.mode(),
                            owner.uid(),
                            owner.gid(),
                            owner.user(),
                            owner.group(),
                            target,
                            links[i]),
                    children[i]));
        }
        return new DirectoryPage(entries);
    }

    private static NodeType type(byte head) {
        return TYPES[head & 0x0f];
    }

    private static List<RawText> names(ByteReader reader, int count) {
        var shared = new int[count];
        var own = new int[count];
        for (int i = 0; i < count; i++) {
            shared[i] = reader.count();
            own[i] = reader.count();
        }
        var names = new ArrayList<RawText>(count);
        byte[] last = {};
        for (int i = 0; i < count; i++) {
            var name = new byte[shared[i] + own[i]];
            System.arraycopy(last, 0, name, 0, shared[i]);
            reader.get(name, shared[i], own[i]);
            names.add(RawText.of(name));
            last = name;
        }
        return names;
    }

    private static List<PageWriter.Owner> owners(ByteReader reader, byte[] heads) {
        var known = new ArrayList<PageWriter.Owner>();
        var owners = new ArrayList<PageWriter.Owner>(heads.length);
        PageWriter.Owner owner = null;
        for (byte head : heads) {
            if ((head & PageWriter.OTHER_OWNER) != 0) {
                int index = reader.count();
                if (index == known.size()) {
                    known.add(new PageWriter.Owner(
                            reader.count(), reader.number(), reader.number(), text(reader), text(reader)));
                }
                owner = known.get(index);
            }
            owners.add(owner);
        }
        return owners;
    }

    private static String text(ByteReader reader) {
        return new String(reader.text(), StandardCharsets.UTF_8);
    }

    private static Instant[] times(ByteReader reader, byte[] heads) {
        var seconds = new long[heads.length];
        long second = 0;
        for (int i = 0; i < heads.length; i++) {
            second += reader.difference();
            seconds[i] = second;
        }
        var times = new Instant[heads.length];
        for (int i = 0; i < heads.length; i++) {
            int nanos = 0;
            for (int shift = 0; (heads[i] & PageWriter.HAS_NANOS) != 0 && shift < Integer.SIZE; shift += Byte.SIZE) {
                nanos |= reader.get() << shift;
            }
            times[i] = Instant.ofEpochSecond(seconds[i], nanos);
        }
        return times;
    }
}
