package io.resticfleet.agent.policy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Puts a policy file in place before the agent of a new machine runs. A file that is there is never replaced. */
public final class NewPolicy {

    /**
     * Nothing but backups: with the defaults of what it leaves out, as strict as a policy file that cannot be used.
     */
    static final String STRICTEST = """
            {
              "hooks": "off",
              "questions": "off",
              "index": "off",
              "download": "off",
              "restore_roots": [],
              "restore_in_place": false,
              "retention": "off",
              "prune": "off"
            }
            """;

    private final Path target;

    /** @param policy the file where the agent will look for it */
    public NewPolicy(PolicyFile policy) {
        this.target = policy.file();
    }

    /** Whether there is one, even if it cannot be used. */
    public boolean exists() {
        return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Copies the owner's file. Does nothing if the same is there.
     *
     * @throws IOException if it cannot be used, if another one is there, or if it cannot be written
     */
    public void copy(Path source) throws IOException {
        var text = new PolicyFile(source).checkedText();
        if (!exists()) {
            write(text);
        } else if (!Files.readString(target, StandardCharsets.UTF_8).equals(text)) {
            throw new IOException("another policy is in " + target + "; change or remove it on this machine");
        }
    }

    /** Writes the strictest policy. */
    public void writeStrictest() throws IOException {
        write(STRICTEST);
    }

    @Override
    public String toString() {
        return target.toString();
    }

    private void write(String text) throws IOException {
        var directory = Files.createDirectories(target.getParent());
        var fresh = Files.createTempFile(
                directory,
                ".policy",
                ".json",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (var file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
