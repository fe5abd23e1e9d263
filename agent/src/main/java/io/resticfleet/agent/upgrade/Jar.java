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
 * The file that the agent is started from, and its neighbours: what it was before, and what it shall become. All are in
 * one directory, so that one takes another's place at once, or not at all.
 */
public record Jar(Path file) {

    public Jar {
        file = file.toAbsolutePath().normalize();
    }

    /** The jar that this program was started from; empty if it was not. */
    public static Optional<Jar> running() {
        try {
            var source = Jar.class.getProtectionDomain().getCodeSource();
            var file = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(file) ? Optional.of(new Jar(file)) : Optional.empty();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one before; kept after an upgrade. */
    Path previous() {
        return neighbour(".previous");
    }

    /** On the way. */
    Path incoming() {
        return neighbour(".incoming");
    }

    /** Whether this agent may write beside it. */
    public boolean canBeReplaced() {
        return Files.isWritable(file.getParent());
    }

    /** In 64 digits. */
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

    /** Keeps a copy as {@link #previous}. */
    void keep() throws IOException {
        var half = neighbour(".previous.half");
        Files.copy(file, half, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        sync(half, StandardOpenOption.WRITE);
        move(half, previous());
    }

    /** What is on the way takes the place. */
    void advance() throws IOException {
        Files.setPosixFilePermissions(incoming(), Files.getPosixFilePermissions(file));
        move(incoming(), file);
    }

    /** The one before takes the place. */
    void goBack() throws IOException {
        move(previous(), file);
    }

    boolean hasPrevious() {
        return Files.isRegularFile(previous());
    }

    void dropIncoming() throws IOException {
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
