package io.resticfleet.server.tree;

import java.util.Arrays;

/** Bytes that grow, and numbers in few of them. */
final class ByteWriter {

    private byte[] bytes = new byte[64];
    private int length;

    void put(int value) {
        require(1);
        bytes[length++] = (byte) value;
    }

    /** A number above or equal to 0 in 1 to 9 bytes, seven bits in each, the lowest first. */
    void number(long value) {
        long rest = value;
        while (rest > 0x7f) {
            put((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        put((int) rest);
    }

    /** A number that may be negative, in few bytes if it is near 0. */
    void difference(long value) {
        long folded = value << 1 ^ value >> 63;
        if (folded < 0) {
            throw new IllegalArgumentException("a difference has at most 62 bits");
        }
        number(folded);
    }

    void put(byte[] source, int from, int to) {
        require(to - from);
        System.arraycopy(source, from, bytes, length, to - from);
        length += to - from;
    }

    void put(ByteWriter other) {
        put(other.bytes, 0, other.length);
    }

    /** The length, then the bytes. */
    void text(byte[] source) {
        number(source.length);
        put(source, 0, source.length);
    }

    int length() {
        return length;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void require(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }
}
