package io.resticfleet.agent.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What is in the files of a state directory. */
final class StateContents {

    private StateContents() {}

    /** All files' text; read again if one was deleted meanwhile. */
    static List<String> of(Path directory) {
        while (true) {
            try (var files = Files.walk(directory)) {
                return files.filter(Files::isRegularFile)
                        .map(StateContents::read)
                        .toList();
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
