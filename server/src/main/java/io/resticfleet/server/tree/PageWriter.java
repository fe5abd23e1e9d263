package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a directory in few bytes: values of one kind are together, as differences from the entry before where they are
 * similar. {@link Page} reads it.
 */
final class PageWriter {

    /** Bits of the first byte of an entry, beside its type. */
    static final int OTHER_OWNER = 0x10;

    static final int HAS_NANOS = 0x20;
    static final int HAS_LINKS = 0x40;
    static final int HAS_TARGET = 0x80;

    /** First byte of a page. */
    static final int KIND = 0;

    private final ByteWriter heads = new ByteWriter();
    private final ByteWriter lengths = new ByteWriter();
    private final ByteWriter names = new ByteWriter();
    private final ByteWriter owners = new ByteWriter();
    private final ByteWriter sizes = new ByteWriter();
    private final ByteWriter times = new ByteWriter();
    private final ByteWriter nanos = new ByteWriter();
    private final ByteWriter children = new ByteWriter();
    private final ByteWriter links = new ByteWriter();
    private final ByteWriter targets = new ByteWriter();
    private final List<Owner> known = new ArrayList<>();
    private final List<Long> childIds = new ArrayList<>();
    private RawText first;
    private byte[] lastName = {};
    private Owner lastOwner;
    private long lastSecond;
    private long lastChild;
    private int sharedBytes;
    private int count;

    /** What entries of one directory have in common, as a rule. */
    record Owner(int mode, long uid, long gid, String user, String group) {

        static Owner of(TreeNode node) {
            return new Owner(node.mode(), node.uid(), node.gid(), node.user(), node.group());
        }
    }

    /** @param child block of its content, if it is a directory; 0 for an empty one */
    void add(TreeNode node, long child) {
        if (count == 0) {
            first = node.name();
        }
        count++;
        int head = node.type().ordinal();
        var owner = Owner.of(node);
        if (!owner.equals(lastOwner)) {
            head |= OTHER_OWNER;
            owner(owner);
        }
        head |= time(node.mtime());
        if (node.type() == NodeType.DIRECTORY) {
            children.difference(child - lastChild);
            lastChild = child;
            if (child != 0) {
                childIds.add(child);
            }
        } else if (node.links() != 1) {
            head |= HAS_LINKS;
            links.number(node.links());
        }
        if (node.type() == NodeType.FILE) {
            sizes.number(node.size());
        }
        if (node.linkTarget().isPresent()) {
            head |= HAS_TARGET;
            targets.text(node.linkTarget().get().bytes());
        }
        heads.put(head);
        name(node.name().bytes());
    }

    private void name(byte[] name) {
        int shared = 0;
        while (shared < name.length && shared < lastName.length && name[shared] == lastName[shared]) {
            shared++;
        }
        sharedBytes += shared;
        lengths.number(shared);
        lengths.number(name.length - shared);
        names.put(name, shared, name.length);
        lastName = name;
    }

    private void owner(Owner owner) {
        int index = known.indexOf(owner);
        lastOwner = owner;
        if (index >= 0) {
            owners.number(index);
            return;
        }
        owners.number(known.size());
        known.add(owner);
        owners.number(owner.mode());
        owners.number(owner.uid());
        owners.number(owner.gid());
        owners.text(owner.user().getBytes(StandardCharsets.UTF_8));
        owners.text(owner.group().getBytes(StandardCharsets.UTF_8));
    }

    private int time(Instant mtime) {
        times.difference(mtime.getEpochSecond() - lastSecond);
        lastSecond = mtime.getEpochSecond();
        if (mtime.getNano() == 0) {
            return 0;
        }
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            nanos.put(mtime.getNano() >>> shift);
        }
        return HAS_NANOS;
    }

    /** As in a page, of a user whose group has the same name and number. */
    static void owner(ByteWriter to, int mode, long id, byte[] name) {
        to.number(mode);
        to.number(id);
        to.number(id);
        to.text(name);
        to.text(name);
    }

    int count() {
        return count;
    }

    /** What it takes in memory once it is read: there the names share nothing. */
    int bytes() {
        return heads.length()
                + lengths.length()
                + names.length()
                + sharedBytes
                + owners.length()
                + targets.length()
                + times.length()
                + sizes.length();
    }

    /** Name of the first entry. */
    RawText first() {
        return first;
    }

    /** The blocks of the directories in it. */
    List<Long> childIds() {
        return childIds;
    }

    byte[] toArray() {
        var page = new ByteWriter();
        page.put(KIND);
        page.number(count);
        List.of(heads, lengths, names, owners, sizes, times, nanos, children, links, targets)
                .forEach(page::put);
        return page.toArray();
    }
}
