package io.resticfleet.agent.upgrade;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The jar that the agent runs from, and the previous and the next one beside it. All are in one directory, so that one
 * replaces another atomically.
 */
public record Jar(Path file) {

    public Jar {
        file = file.toAbsolutePath().normalize();
    }

    /** The jar of this process; absent if it does not run from one. */
    public static Optional<Jar> running() {
        try {
            var source = Jar.class.getProtectionDomain().getCodeSource();
            var file = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(file) ? Optional.of(new Jar(file)) : Optional.empty();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The version before, kept after an upgrade. */
    Path previous() {
        return neighbour(".previous");
    }

    /** The downloaded version, before it is installed. */
    Path incoming() {
        return neighbour(".incoming");
    }

    /** Whether this agent may write to the jar's directory. */
    public boolean canBeReplaced() {
        return Files.isWritable(file.getParent());
    }

    /** SHA-256 in 64 hex digits. */
    String sha256() throws IOException {
        return sha256(file);
    }

    static String sha256(Path file) throws IOException {
        try (var in = new DigestInputStream(Files.newInputStream(file), digest())) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        }
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Copies the jar to {@link #previous}. */
    void savePrevious() throws IOException {
        var half = neighbour(".previous.half");
        Files.copy(file, half, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        sync(half, StandardOpenOption.WRITE);
        move(half, previous());
    }

    /** Replaces the jar by the downloaded one. */
    void installIncoming() throws IOException {
        Files.setPosixFilePermissions(incoming(), Files.getPosixFilePermissions(file));
        move(incoming(), file);
    }

    /** Replaces the jar by the previous one. */
    void restorePrevious() throws IOException {
        move(previous(), file);
    }

    boolean hasPrevious() {
        return Files.isRegularFile(previous());
    }

    void deleteIncoming() throws IOException {
        Files.deleteIfExists(incoming());
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.getParent(), StandardOpenOption.READ);
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (var channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private Path neighbour(String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }
}
