package io.resticfleet.agent.restic;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * Reads lines from a file that grows; a very long one is cut, with the number of bytes that are left out. Not safe for use
 * by more than one thread.
 */
final class Tail {

    private static final int MAX_LINE_BYTES = 256 * 1024;

    private final Path file;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long leftOut;
    private long position;

    Tail(Path file) {
        this.file = file;
    }

    /** Passes on every line completed since the last call. */
    void read(Consumer<String> lines) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var buffer = ByteBuffer.allocate(64 * 1024);
            for (int read = channel.read(buffer, position); read > 0; read = channel.read(buffer, position)) {
                position += read;
                for (int i = 0; i < read; i++) {
                    take(buffer.array()[i], lines);
                }
                buffer.clear();
            }
        } catch (NoSuchFileException e) {
            return; // not written yet
        }
    }

    /** Passes on the last line even if it has no line break; no more output follows. */
    void finish(Consumer<String> lines) throws IOException {
        read(lines);
        if (line.size() > 0) {
            complete(lines);
        }
    }

    private void take(byte next, Consumer<String> lines) {
        if (next == '\n') {
            complete(lines);
        } else if (line.size() < MAX_LINE_BYTES) {
            line.write(next);
        } else {
            leftOut++;
        }
    }

    private void complete(Consumer<String> lines) {
        lines.accept(line.toString(StandardCharsets.UTF_8) + (leftOut > 0 ? "… (" + leftOut + " more bytes)" : ""));
        line.reset();
        leftOut = 0;
    }
}
