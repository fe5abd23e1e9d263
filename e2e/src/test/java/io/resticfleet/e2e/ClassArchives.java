package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Archives of the classes of the two jars (CDS), as their units make them too: with one, a program starts in half the
 * time, and the tests start hundreds.
 */
final class ClassArchives {

    /** Where the programs that this thread starts write their archives; null if they read them. */
    private static final ThreadLocal<Path> WRITTEN = new ThreadLocal<>();

    private ClassArchives() {}

    /** Made once, when first asked for. */
    private static final class Made {
        private static final Path DIRECTORY = make();

        private static Path make() {
            try {
                var directory = Files.createTempDirectory("class-archives").toRealPath();
                Directories.deleteAtExit(directory);
                WRITTEN.set(directory);
                backUp(directory);
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                WRITTEN.remove();
            }
        }
    }

    /** The option of a JVM that starts this jar; none if only one test has the jar. */
    static List<String> option(Path jar) {
        if (!jar.equals(ServerProcess.JAR) && !jar.equals(AgentProcess.JAR)) {
            return List.of();
        }
        var written = WRITTEN.get();
        return List.of(
                written == null
                        ? "-XX:SharedArchiveFile=" + archive(Made.DIRECTORY, jar)
                        : "-XX:ArchiveClassesAtExit=" + archive(written, jar));
    }

    private static Path archive(Path directory, Path jar) {
        return directory.resolve(jar.getFileName() + ".jsa");
    }

    /** A backup of one machine; what it needs is in the archives, which JVMs write when they end. */
    private static void backUp(Path directory) throws Exception {
        var server = ServerProcess.start(directory.resolve("server"));
        var agent = new AgentProcess(
                directory.resolve("machine"),
                directory.resolve("state"),
                Restic.newest().file());
        try {
            backUp(directory, server, agent);
        } finally {
            agent.stop();
            server.stop();
        }
    }

    private static void backUp(Path directory, ServerProcess server, AgentProcess agent) throws Exception {
        var made = server.post(
                "/api/enrollment-tokens",
                Map.of(
                        "repository",
                        Map.of("url", directory.resolve("repository").toString()),
                        "initial_paths",
                        List.of(Sources.small(Files.createDirectories(directory.resolve("files")))
                                .toString())));
        var enrolled = agent.enroll(server.url(), made.path("token").asText());
        assertThat(enrolled.status()).as(enrolled.output()).isZero();
        agent.start();
        var host = server.items("/api/hosts").get(0).path("id").asText();
        server.awaitOnline(host);
        server.awaitEnd(server.run(host));
    }
}
