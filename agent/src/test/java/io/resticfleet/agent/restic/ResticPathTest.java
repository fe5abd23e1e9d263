package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths of any bytes, given to the real restics and read from them. */
@Tag("slow")
class ResticPathTest {

    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();
    private static final byte[] BYTES =
            "*?[]\\^-!#$ \n\t\"'`ab\u00e4\u65e5\ufffd\ud83d\ude00\u0085\u202e".getBytes(StandardCharsets.UTF_8);
    private static final int NAMES = 200;

    @TempDir
    Path root;

    private static List<String> restics() throws IOException {
        try (var tools = Files.isDirectory(TOOLS) ? Files.list(TOOLS) : Stream.<Path>empty()) {
            return Stream.concat(
                            Stream.of("/usr/bin/restic"),
                            tools.map(tool -> tool.resolve("restic"))
                                    .filter(Files::isExecutable)
                                    .map(Path::toString))
                    .toList();
        }
    }

    @Test
    void patterns_match_what_they_say_and_names_are_printed_as_they_are_predicted() throws Exception {
        var source = Files.createDirectory(root.resolve("source"));
        var paths =
                names(new Random(15)).stream().map(name -> path(source, name)).toList();
        for (var path : paths) {
            Files.write(ResticPath.local(path.raw()), new byte[] {1});
        }
        restic("/usr/bin/restic", List.of("init", "--quiet"));
        restic("/usr/bin/restic", List.of("backup", "--quiet", source.toString()));
        var wanted = paths.subList(0, 40);
        var printed = paths.stream().map(path -> ResticPath.printed(path.raw())).toList();
        var expected = new HashSet<String>();
        for (int i = 0; i < paths.size(); i++) {
            var name = printed.get(i);
            if (wanted.stream().anyMatch(path -> ResticPath.matches(path, name))) {
                expected.add(name);
            }
        }

        for (var restic : restics()) {
            var listed = new ArrayList<String>();
            for (var line : restic(restic, List.of("--json", "ls", "latest", source.toString()))
                    .lines()
                    .toList()) {
                JsonNode json = Json.FOREIGN.readTree(line);
                if (json.path("type").asText().equals("file")) {
                    listed.add(json.path("path").asText());
                }
            }
            assertThat(listed).as(restic).containsExactlyInAnyOrderElementsOf(printed);

            var target = root.resolve("target" + restic.hashCode());
            var arguments = new ArrayList<>(List.of("restore", "--target=" + target));
            wanted.forEach(path -> arguments.add("--include=" + ResticPath.pattern(path)));
            arguments.addAll(List.of("--", "latest"));
            restic(restic, arguments);
            try (var files = Files.list(target.resolve(source.toString().substring(1)))) {
                Set<String> restored = new HashSet<>();
                files.forEach(file -> restored.add(source + "/" + ResticPath.printedName(file)));
                assertThat(restored).as(restic).isEqualTo(expected);
            }
        }
    }

    @Test
    void a_pattern_is_exact_if_the_path_is_utf_8() {
        assertThat(ResticPath.pattern(SnapshotPath.of("/a*b/[c]\\?"))).isEqualTo("/a\\*b/\\[c]\\\\\\?");
        var raw = new SnapshotPath("", Optional.of("L2H/L2I="));
        assertThat(ResticPath.pattern(raw)).isEqualTo("/a?/b");
        assertThat(ResticPath.isExact(raw)).isFalse();
        assertThat(ResticPath.argument(raw)).isEqualTo(SnapshotPath.ROOT);
        assertThat(ResticPath.matches(raw, "/a\ufffd/b")).isTrue();
        assertThat(ResticPath.matches(raw, "/ax/b")).isTrue();
        assertThat(ResticPath.matches(raw, "/a//b")).isFalse();
        assertThat(ResticPath.matches(raw, "/axx/b")).isFalse();
    }

    /** Different names of special characters, pieces of them, and bytes that are no text. */
    private static Set<RawText> names(Random random) {
        var names = new HashSet<RawText>();
        while (names.size() < NAMES) {
            var name = new byte[1 + random.nextInt(6)];
            for (int i = 0; i < name.length; i++) {
                name[i] = random.nextInt(20) == 0
                        ? (byte) (128 + random.nextInt(128))
                        : BYTES[random.nextInt(BYTES.length)];
            }
            var raw = RawText.of(name);
            if (raw.isName()) {
                names.add(raw);
            }
        }
        return names;
    }

    private static SnapshotPath path(Path directory, RawText name) {
        return SnapshotPath.of(directory.toString()).child(name);
    }

    private String restic(String restic, List<String> arguments) throws Exception {
        var command =
                new ArrayList<>(List.of(restic, "-r", root.resolve("repository").toString()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "RESTIC_PASSWORD",
                        "x",
                        "RESTIC_CACHE_DIR",
                        root.resolve("cache").toString()));
        var process = builder.start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + text).isZero();
        return text;
    }
}
