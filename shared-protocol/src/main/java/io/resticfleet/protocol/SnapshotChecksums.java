package io.resticfleet.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checksums of a set of snapshots, one for each of 256 buckets, by which two sides find where their sets differ. A
 * snapshot's key is the first 64 bits of its id, and its bucket the first 8 of them. Not safe for use by more than one
 * thread.
 */
public final class SnapshotChecksums {

    public static final int BUCKETS = 256;

    /** Digits of a key in hexadecimal. */
    public static final int KEY_DIGITS = 16;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    private final long[] sums = new long[BUCKETS];

    /** @throws IllegalArgumentException if the text is not that of {@link #toString} */
    public static SnapshotChecksums parse(String text) {
        if (text.length() != BUCKETS * KEY_DIGITS) {
            throw new IllegalArgumentException("checksums have " + BUCKETS * KEY_DIGITS + " digits");
        }
        var parsed = new SnapshotChecksums();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            parsed.sums[bucket] = HexFormat.fromHexDigitsToLong(text, bucket * KEY_DIGITS, (bucket + 1) * KEY_DIGITS);
        }
        return parsed;
    }

    /** Whether a text is an id of restic's: 64 digits. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /**
     * The key of an id.
     *
     * @param id or its first 16 digits
     * @throws IllegalArgumentException if they are no digits
     */
    public static long key(String id) {
        return HexFormat.fromHexDigitsToLong(id, 0, Math.min(KEY_DIGITS, id.length()));
    }

    /** A key as 16 digits. */
    public static String digits(long key) {
        return HexFormat.of().toHexDigits(key);
    }

    /** The bucket of a key, from 0 to 255. */
    public static int bucket(long key) {
        return (int) (key >>> 56);
    }

    /** Adds a snapshot that is not in the set, or removes one that is. */
    public void toggle(long key) {
        sums[bucket(key)] ^= key;
    }

    /** Buckets whose snapshots differ. */
    public List<Integer> differing(SnapshotChecksums other) {
        var buckets = new ArrayList<Integer>();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            if (sums[bucket] != other.sums[bucket]) {
                buckets.add(bucket);
            }
        }
        return buckets;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SnapshotChecksums same && Arrays.equals(sums, same.sums);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sums);
    }

    /** All checksums in hexadecimal, 4,096 digits. */
    @Override
    public String toString() {
        var text = new StringBuilder(BUCKETS * KEY_DIGITS);
        for (var sum : sums) {
            text.append(digits(sum));
        }
        return text.toString();
    }
}
