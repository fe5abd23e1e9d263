package io.resticfleet.agent.job;

import com.github.f4b6a3.ulid.Ulid;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The ids of jobs: ULIDs. */
public final class Ids {

    private static final Pattern SHAPE = Pattern.compile("[0-9A-Z]{26}");

    private Ids() {}

    /** Whether this is a valid id of a job or schedule. Checked, as ids become names of directories. */
    public static boolean wellFormed(String id) {
        return SHAPE.matcher(id).matches();
    }

    /** The id of a job that another job needs; always the same for the same purpose. */
    static String ofNeed(String parent, String purpose) {
        var text = parent + "/" + purpose;
        return derived(Instant.ofEpochMilli(Ulid.from(parent).getTime()), text.getBytes(StandardCharsets.UTF_8));
    }

    /** The ULID with this time and a hash of these bytes. */
    static String derived(Instant time, byte[] from) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(from);
            var random = Arrays.copyOf(digest, Ulid.RANDOM_BYTES);
            return new Ulid(time.toEpochMilli(), ByteBuffer.wrap(random).array()).toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
