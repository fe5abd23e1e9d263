package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Files to back up. */
final class Sources {

    private Sources() {}

    /** Files with names and types that are easily lost. */
    static Path awkward(Path directory) throws IOException {
        var files = Map.of(
                "plain.txt", "plain",
                "with space and 'quote\".txt", "space",
                "ünïcödé-日本語-🎉.txt", "unicode",
                "-rf", "a dash",
                "--delete-everything", "two dashes",
                "empty", "",
                "sub/dir/deep.txt", "deep");
        for (var file : files.entrySet()) {
            var path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        Files.write(directory.resolve("noise"), noise(300_000));
        Files.setPosixFilePermissions(directory.resolve("plain.txt"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setPosixFilePermissions(directory.resolve("-rf"), PosixFilePermissions.fromString("r--------"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("sub/dir/deep.txt"));
        Files.createSymbolicLink(directory.resolve("dangling"), Path.of("/nowhere/at all"));
        Files.createDirectory(directory.resolve("empty dir"));
        return directory;
    }

    /** One small file. */
    static Path small(Path directory) throws IOException {
        Files.writeString(directory.resolve("file.txt"), "small");
        return directory;
    }

    /** Random files, which take long at a limited speed as they cannot be compressed. */
    static Path large(Path directory, int mebibytes) throws IOException {
        for (int i = 0; i < mebibytes; i++) {
            Files.write(directory.resolve("large-" + i), noise(1024 * 1024));
        }
        return directory;
    }

    private static byte[] noise(int bytes) {
        var noise = new byte[bytes];
        new Random().nextBytes(noise);
        return noise;
    }

    /** A manual backup. */
    static Map<String, Object> manual(String name, int limitUploadKib, List<Path> paths) {
        return Map.of(
                "kind",
                "backup",
                "name",
                name,
                "enabled",
                true,
                "manual",
                true,
                "paths",
                paths.stream().map(Path::toString).toList(),
                "options",
                Map.of("limit_upload_kib", limitUploadKib));
    }

    static void assertSame(Path expected, Path actual) throws IOException {
        assertThat(describe(actual)).isEqualTo(describe(expected));
    }

    private static Map<String, String> describe(Path root) throws IOException {
        var found = new TreeMap<String, String>();
        try (var files = Files.walk(root)) {
            for (var file : files.toList()) {
                found.put(root.relativize(file).toString(), describeOne(file));
            }
        }
        return found;
    }

    private static String describeOne(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return "-> " + Files.readSymbolicLink(file);
        }
        var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
        return Files.isDirectory(file)
                ? mode
                : mode + " " + Files.getLastModifiedTime(file) + " "
                        + java.util.Arrays.hashCode(Files.readAllBytes(file));
    }
}
