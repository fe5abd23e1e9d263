package io.resticfleet.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Text as a file system has it: any bytes but NUL, usually UTF-8. Ordered by its bytes, as restic orders names. Immutable.
 */
public final class RawText implements Comparable<RawText> {

    private final byte[] bytes;

    private RawText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if there is a NUL in it */
    public static RawText of(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new IllegalArgumentException("a name has no NUL in it");
            }
        }
        return new RawText(bytes.clone());
    }

    /** @throws IllegalArgumentException if there is a NUL in it, or half of a surrogate pair */
    public static RawText of(String text) {
        if (!WellFormedText.test(text)) {
            throw new IllegalArgumentException("a name is well-formed Unicode");
        }
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if it is not base64, or there is a NUL in it */
    public static RawText ofBase64(String base64) {
        return of(Base64.getDecoder().decode(base64));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    /** Readable, with U+FFFD for what is no UTF-8. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The bytes in base64; absent if {@link #text} is all of them. */
    public Optional<String> base64() {
        return isUtf8() ? Optional.empty() : Optional.of(Base64.getEncoder().encodeToString(bytes));
    }

    /** Whether {@link #text} is all of it. */
    public boolean isUtf8() {
        int i = 0;
        while (i < bytes.length && bytes[i] >= 0) {
            i++;
        }
        if (i == bytes.length) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Whether one of its bytes is this. */
    public boolean contains(char ascii) {
        for (byte b : bytes) {
            if (b == ascii) {
                return true;
            }
        }
        return false;
    }

    /** Whether it can be the name of a file: not empty, no slash, neither {@code .} nor {@code ..}. */
    public boolean isName() {
        return bytes.length > 0
                && !contains('/')
                && !(bytes[0] == '.' && (bytes.length == 1 || bytes.length == 2 && bytes[1] == '.'));
    }

    @Override
    public int compareTo(RawText other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawText raw && Arrays.equals(bytes, raw.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return text();
    }
}
