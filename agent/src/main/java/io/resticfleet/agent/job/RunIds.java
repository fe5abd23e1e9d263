package io.resticfleet.agent.job;

import io.resticfleet.agent.state.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Instant;

/**
 * The ids of runs that come due: the same for the same schedule and time, so that firing twice is firing once, after a
 * crash between the journal and the planner's own note, and when the clock is set back.
 *
 * <p>A secret goes in, for schedule and time can be read in a shared repository: nobody else may know the id beforehand
 * and take it for a job of his own.
 */
public final class RunIds {

    private static final String FILE = "run-id-secret";
    private static final int SECRET_BYTES = 32;

    private final byte[] secret;

    private RunIds(byte[] secret) {
        this.secret = secret;
    }

    /** With the secret of this state directory, which is made at the first time. */
    public static RunIds open(Storage storage) {
        var file = storage.root().resolve(FILE);
        try {
            var held = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (held.length != SECRET_BYTES) {
                held = new byte[SECRET_BYTES];
                new SecureRandom().nextBytes(held);
                storage.write(file, held);
            }
            return new RunIds(held);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    String of(String scheduleId, Instant dueAt) {
        var text = (scheduleId + "@" + dueAt).getBytes(StandardCharsets.UTF_8);
        return Ids.derived(
                dueAt,
                ByteBuffer.allocate(SECRET_BYTES + text.length)
                        .put(secret)
                        .put(text)
                        .array());
    }
}
