package io.resticfleet.server.tree;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Compresses small blocks with a dictionary of what is in many of them. A change of the dictionary needs another version of the
 * index's schema. Used by one thread.
 */
final class Compression implements AutoCloseable {

    private static final byte[] DICTIONARY = dictionary();

    private final Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    private final Inflater inflater = new Inflater(true);
    private final byte[] buffer = new byte[8 * 1024];

    /** Names, then what stands for the usual owners and permissions. */
    private static byte[] dictionary() {
        var dictionary = new ByteWriter();
        var names = CommonNames.TEXT.replace("\n", "").getBytes(StandardCharsets.UTF_8);
        dictionary.put(names, 0, names.length);
        for (var owner : List.of("www-data", "user", "root")) {
            var name = owner.getBytes(StandardCharsets.UTF_8);
            for (int mode : new int[] {0777, 0664, 0755, 0644}) {
                dictionary.put(0);
                PageWriter.owner(dictionary, mode, owner.equals("root") ? 0 : 1_000, name);
            }
        }
        return dictionary.toArray();
    }

    /** The block in fewer bytes, or as it is; one byte in front tells which. */
    byte[] compress(byte[] block) {
        deflater.reset();
        deflater.setDictionary(DICTIONARY);
        deflater.setInput(block);
        deflater.finish();
        var out = new ByteArrayOutputStream(block.length / 2 + 16);
        out.write(1);
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        if (out.size() <= block.length) {
            return out.toByteArray();
        }
        var plain = new byte[block.length + 1];
        System.arraycopy(block, 0, plain, 1, block.length);
        return plain;
    }

    /** @throws IllegalStateException if it is damaged */
    byte[] decompress(byte[] stored) {
        if (stored[0] == 0) {
            return Arrays.copyOfRange(stored, 1, stored.length);
        }
        try {
            inflater.reset();
            inflater.setDictionary(DICTIONARY);
            inflater.setInput(stored, 1, stored.length - 1);
            var out = new ByteArrayOutputStream(stored.length * 3);
            while (!inflater.finished()) {
                int count = inflater.inflate(buffer);
                if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new IllegalStateException("a block of the index is damaged");
                }
                out.write(buffer, 0, count);
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            throw new IllegalStateException("a block of the index is damaged", e);
        }
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
    }
}
