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

/** Reads the lines of a file that grows. Not safe for use by more than one thread. */
final class Tail {

    private static final int LONGEST_LINE = 256 * 1024;

    private final Path file;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private long position;

    Tail(Path file) {
        this.file = file;
    }

    /** Passes on every line that was ended since the last call. */
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

    /** Passes on the last line if it was never ended; nothing more will come. */
    void finish(Consumer<String> lines) throws IOException {
        read(lines);
        if (begun.size() > 0) {
            end(lines);
        }
    }

    private void take(byte next, Consumer<String> lines) {
        if (next == '\n') {
            end(lines);
        } else if (begun.size() < LONGEST_LINE) {
            begun.write(next);
        }
    }

    private void end(Consumer<String> lines) {
        lines.accept(begun.toString(StandardCharsets.UTF_8));
        begun.reset();
    }
}
