package io.resticfleet.server.tree;

import java.util.Arrays;

/** Reads what {@link ByteWriter} wrote. */
final class ByteReader {

    private final byte[] bytes;
    private int position;

    ByteReader(byte[] bytes) {
        this.bytes = bytes;
    }

    int get() {
        return bytes[position++] & 0xff;
    }

    long number() {
        long value = 0;
        int shift = 0;
        int next = get();
        while (next > 0x7f) {
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
            next = get();
        }
        return value | (long) next << shift;
    }

    int count() {
        return Math.toIntExact(number());
    }

    long difference() {
        long folded = number();
        return folded >>> 1 ^ -(folded & 1);
    }

    byte[] text() {
        return get(count());
    }

    byte[] get(int length) {
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    /** Copies bytes into an array. */
    void get(byte[] target, int from, int length) {
        System.arraycopy(bytes, position, target, from, length);
        position += length;
    }
}
