package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.server.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A restic of this machine, used outside the fleet as the reference. */
record Restic(Path file, String version) {

    private static final Path INSTALLED = Path.of("/usr/bin/restic");
    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();
    private static final JsonMapper JSON = new JsonMapper();

    /** All available versions, oldest first; prints which are missing. */
    static List<Restic> all() {
        var found = new ArrayList<Restic>();
        if (Files.isExecutable(INSTALLED)) {
            found.add(of(INSTALLED));
        } else {
            System.out.println("e2e: SKIPPED the installed restic: missing " + INSTALLED);
        }
        var newer = tools("restic-", "restic");
        newer.forEach(file -> found.add(of(file)));
        if (newer.size() < 2) {
            System.out.println("e2e: SKIPPED newer restics: " + newer.size()
                    + " of 2 are under .tools; scripts/newer-restic.sh fetches them");
        }
        assertThat(found)
                .as("no restic on this machine; `make test` installs it")
                .isNotEmpty();
        found.sort(Comparator.comparing(Restic::version, Restic::compareVersions));
        return found;
    }

    static Restic newest() {
        var all = all();
        return all.get(all.size() - 1);
    }

    /** The oldest and the newest version, which differ most. */
    static Stream<Restic> edges() {
        var all = all();
        return Stream.of(all.get(0), newest()).distinct();
    }

    /** Files named {@code .tools/<prefix><version>/<name>}. */
    static List<Path> tools(String prefix, String name) {
        if (!Files.isDirectory(TOOLS)) {
            return List.of();
        }
        try (var directories = Files.list(TOOLS)) {
            return directories
                    .filter(directory -> directory.getFileName().toString().startsWith(prefix))
                    .map(directory -> directory.resolve(name))
                    .filter(Files::isExecutable)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Restic of(Path file) {
        try {
            var directory = Files.createTempDirectory("restic");
            var output = Program.run(directory, Map.of(), List.of(file.toString(), "version"));
            Directories.delete(directory);
            return new Restic(file, output.output().split(" ")[1]);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int compareVersions(String one, String other) {
        var numbers = new ArrayList<int[]>();
        for (var version : List.of(one, other)) {
            numbers.add(Arrays.stream(version.split("[^0-9]+"))
                    .mapToInt(Integer::parseInt)
                    .toArray());
        }
        return Arrays.compare(numbers.get(0), numbers.get(1));
    }

    /** This restic with one repository. */
    On on(Path directory, String repository, String password) {
        return new On(this, directory, repository, password);
    }

    /** @param directory for its cache and its output */
    record On(Restic restic, Path directory, String repository, String password) {

        Program.Ended run(String... arguments) throws Exception {
            return Program.run(directory, environment(), command(arguments));
        }

        /** Starts a command without waiting. */
        Program start(List<String> command) throws Exception {
            return Program.start(directory, directory.resolve("restic.log"), environment(), command);
        }

        void init() throws Exception {
            succeed("init");
        }

        Program.Ended succeed(String... arguments) throws Exception {
            var ended = run(arguments);
            assertThat(ended.status()).as(ended.output()).isZero();
            return ended;
        }

        List<JsonNode> snapshots() throws Exception {
            var snapshots = new ArrayList<JsonNode>();
            JSON.readTree(succeed("--json", "snapshots", "--no-lock").output()).forEach(snapshots::add);
            return snapshots;
        }

        /** The ids of all locks, without the warnings that restic may print. */
        List<String> locks() throws Exception {
            return succeed("--quiet", "list", "locks", "--no-lock")
                    .output()
                    .lines()
                    .filter(line -> line.matches("[0-9a-f]{64}"))
                    .toList();
        }

        private List<String> command(String... arguments) {
            return Stream.concat(Stream.of(restic.file().toString()), Stream.of(arguments))
                    .toList();
        }

        private Map<String, String> environment() {
            return Map.of(
                    "RESTIC_REPOSITORY",
                    repository,
                    "RESTIC_PASSWORD",
                    password,
                    "RESTIC_CACHE_DIR",
                    directory.resolve("cache-of-the-operator").toString());
        }
    }

    @Override
    public String toString() {
        return "restic " + version;
    }
}
