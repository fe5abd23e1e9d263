package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A machine with a snapshot of some files, by a certain restic. */
final class RestoreHarness implements AutoCloseable {

    static final String OLDEST = "/usr/bin/restic";

    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();

    final JobHarness jobs;
    final Path source;
    final String snapshot;

    /** @param script of the shell, that makes the files in its directory */
    RestoreHarness(Path root, String restic, String script) throws IOException, InterruptedException {
        this(root, restic, script, source -> {});
    }

    /** @param more changes the files before they are backed up */
    RestoreHarness(Path root, String restic, String script, Change more) throws IOException, InterruptedException {
        jobs = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        jobs.createRepository();
        source = Files.createDirectories(root.resolve("source"));
        shell(source, script);
        more.of(source);
        jobs.restic("backup", "--quiet", source.toString());
        snapshot = newest();
    }

    /** A change of files. */
    interface Change {
        void of(Path directory) throws IOException;
    }

    /** The installed restic, and the newest of those that {@code scripts/newer-restic.sh} fetched. */
    static Stream<String> restics() throws IOException {
        return Stream.concat(Stream.of(OLDEST), newer().stream());
    }

    /** The newest restic that was fetched; none without. */
    static List<String> newer() throws IOException {
        try (var tools = Files.isDirectory(TOOLS) ? Files.list(TOOLS) : Stream.<Path>empty()) {
            return tools
                    .map(directory -> directory.resolve("restic"))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder())
                    .map(Path::toString)
                    .stream()
                    .toList();
        }
    }

    /** Id of the last snapshot. */
    String newest() {
        var text = jobs.restic("snapshots", "--json");
        return text.replaceAll("(?s).*\"id\":\"([0-9a-f]{64})\".*", "$1");
    }

    SnapshotPath path(String name) {
        return SnapshotPath.of(source + (name.isEmpty() ? "" : "/" + name));
    }

    Restore toNewFolder(SnapshotPath... paths) {
        return new Restore(snapshot, List.of(paths), RestoreTarget.NEW_FOLDER, Overwrite.NEVER, false, false, false);
    }

    Restore to(RestoreTarget target, Overwrite overwrite, SnapshotPath... paths) {
        return new Restore(snapshot, List.of(paths), target, overwrite, false, false, false);
    }

    ToServer.JobFinished run(Restore restore) {
        return jobs.end(jobs.submit(restore));
    }

    RestoreResult figures(ToServer.JobFinished end) {
        assertThat(end.stats()).as(end + log(end)).isInstanceOf(RestoreResult.class);
        return (RestoreResult) end.stats();
    }

    String log(ToServer.JobFinished end) {
        return jobs.log(end.jobId().value());
    }

    /** Where a restore to a new folder ends. */
    Path folder(ToServer.JobFinished end) {
        return jobs.state.root().resolve("restores/" + end.jobId());
    }

    /** Where it is until it is complete. */
    Path incomplete(ToServer.JobFinished end) {
        return folder(end).resolveSibling(end.jobId() + ".incomplete");
    }

    /** The policy of the machine. */
    void policy(String json) {
        JobHarness.write(jobs.root.resolve("policy.json"), json);
    }

    /** Every entry with its type, mode, owner, time, link target, number of links and, of a file, its content. */
    static String description(Path directory) throws IOException, InterruptedException {
        return shell(
                directory,
                "find . \\( -type d -printf '%P %y %m %U %G %T@\\n' \\) -o"
                        + " -printf '%P %y %s %m %U %G %T@ %l %n\\n' | LC_ALL=C sort;"
                        + " find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum");
    }

    static String shell(Path directory, String script) throws IOException, InterruptedException {
        var process = new ProcessBuilder(new ArrayList<>(List.of("/bin/bash", "-euc", script)))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }

    @Override
    public void close() {
        jobs.close();
    }
}
