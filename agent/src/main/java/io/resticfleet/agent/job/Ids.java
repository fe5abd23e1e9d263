package io.resticfleet.agent.job;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.JobId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;

/** Ids of jobs that the agent makes. */
final class Ids {

    private Ids() {}

    /** The id of a job that another job needs; always the same for the same purpose. */
    static JobId ofNeed(JobId parent, String purpose) {
        var text = parent + "/" + purpose;
        return derived(
                Instant.ofEpochMilli(Ulid.from(parent.value()).getTime()), text.getBytes(StandardCharsets.UTF_8));
    }

    /** The ULID with this time and a hash of these bytes. */
    static JobId derived(Instant time, byte[] from) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(from);
            var random = Arrays.copyOf(digest, Ulid.RANDOM_BYTES);
            return new JobId(
                    new Ulid(time.toEpochMilli(), ByteBuffer.wrap(random).array()).toString());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
