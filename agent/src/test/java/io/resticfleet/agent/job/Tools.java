package io.resticfleet.agent.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs that {@code scripts/newer-restic.sh} fetches, beside those of the system. */
final class Tools {

    private static final Path DIRECTORY = Path.of("../.tools").toAbsolutePath().normalize();

    private Tools() {}

    /** The installed restic and the newest, which differ most. */
    static Stream<Path> restics() {
        var newer = find("restic-", "restic");
        return Stream.concat(
                Stream.of(Path.of("/usr/bin/restic")), newer.stream().skip(Math.max(0, newer.size() - 1)));
    }

    /** Files named {@code .tools/<prefix><version>/<name>}, oldest first. */
    static List<Path> find(String prefix, String name) {
        if (!Files.isDirectory(DIRECTORY)) {
            return List.of();
        }
        try (var directories = Files.list(DIRECTORY)) {
            return directories
                    .filter(directory -> directory.getFileName().toString().startsWith(prefix))
                    .map(directory -> directory.resolve(name))
                    .filter(Files::isReadable)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
