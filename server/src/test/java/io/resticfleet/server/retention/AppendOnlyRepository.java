package io.resticfleet.server.retention;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.Directories;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A repository behind a real {@code rest-server --append-only}, which machines reach with the everyday credentials. Its
 * maintainer reaches it in its directory.
 */
final class AppendOnlyRepository implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int TIMEOUT_SECONDS = 120;

    /** How restic exits if somebody else has the repository locked. */
    static final int LOCKED = 11;

    private final Path restic;
    private final Path directory;
    private final String address;
    private final Process restServer;
    private final ForgedRepository key;

    private AppendOnlyRepository(
            Path restic, Path directory, String address, Process restServer, ForgedRepository key) {
        this.restic = restic;
        this.directory = directory;
        this.address = address;
        this.restServer = restServer;
        this.key = key;
    }

    /** What a restic printed. */
    record Output(int exit, String out, String error) {
        boolean isClean() {
            return exit == 0 && error.isBlank();
        }
    }

    /** Creates one, and starts its server. */
    static AppendOnlyRepository start(Path restic, Path restServer, Path root) throws Exception {
        var directory = Files.createDirectories(root.resolve("fleet"));
        var key = ForgedRepository.create(restic, directory);
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var process = new ProcessBuilder(
                        restServer.toString(),
                        "--path=" + root,
                        "--listen=127.0.0.1:" + port,
                        "--append-only",
                        "--no-auth")
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("rest-server.log").toFile())
                .start();
        eventually(() -> {
            assertThatCode(() -> new Socket("127.0.0.1", port).close()).doesNotThrowAnyException();
            return port;
        });
        return new AppendOnlyRepository(restic, directory, "http://127.0.0.1:" + port + "/fleet/", process, key);
    }

    /** Runs restic as a machine does. */
    Output everyday(String... arguments) throws IOException, InterruptedException {
        return run("rest:" + address, List.of(arguments));
    }

    /** Runs restic as the maintainer does. */
    Output maintainer(List<String> arguments) throws IOException, InterruptedException {
        return run(directory.toString(), arguments);
    }

    private Output run(String location, List<String> arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(restic.toString(), "--no-cache", "--repo", location));
        command.addAll(arguments);
        var error = directory.resolveSibling("restic.err");
        var builder = new ProcessBuilder(command)
                .directory(directory.getParent().toFile())
                .redirectError(error.toFile());
        builder.environment().putAll(Map.of("RESTIC_PASSWORD", ForgedRepository.PASSWORD, "TZ", "UTC"));
        var process = builder.start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .as("%s ends", command)
                .isTrue();
        return new Output(process.exitValue(), out, Files.readString(error));
    }

    /** The id of the snapshot that a {@code backup --json} made. */
    String backup(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("backup", "--json", "--quiet"));
        command.addAll(List.of(arguments));
        var output = everyday(command.toArray(String[]::new));
        if (output.exit() == LOCKED) { // an intruder left a lock, which an operator removes
            everyday("unlock", "--remove-all");
            output = everyday(command.toArray(String[]::new));
        }
        assertThat(output.exit()).as(output.error()).isZero();
        return Json.LENIENT
                .readTree(output.out().lines().reduce((first, last) -> last).orElseThrow())
                .path("snapshot_id")
                .asText();
    }

    /** Sends a request to the REST server; its status. */
    int http(String method, String path, byte[] body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(address + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** Uploads a file that anyone with the password can make; its id. */
    String upload(String kind, JsonNode content) throws IOException, InterruptedException, GeneralSecurityException {
        var bytes = key.sealed(content);
        var id = ForgedRepository.id(bytes);
        assertThat(http("POST", kind + "/" + id, bytes)).isEqualTo(200);
        return id;
    }

    /** A copy of a snapshot as it is stored, to be changed. */
    ObjectNode read(String snapshotId) throws IOException, GeneralSecurityException {
        return (ObjectNode) key.read(snapshotId);
    }

    /** The ids of all snapshots. */
    Set<String> snapshots() throws IOException {
        return files("snapshots").keySet();
    }

    /** Sizes of the files of one kind, by name. */
    Map<String, Long> files(String kind) throws IOException {
        try (var files = Files.walk(directory.resolve(kind))) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(
                            path -> path.getFileName().toString(),
                            path -> path.toFile().length(),
                            (one, other) -> one,
                            TreeMap::new));
        }
    }

    /** Keeps a copy. */
    void saveTo(Path copy) throws IOException {
        Directories.copy(directory, copy);
    }

    /** Becomes what it was at the copy. */
    void restore(Path copy) throws IOException {
        Directories.delete(directory);
        Directories.copy(copy, directory);
    }

    @Override
    public void close() {
        restServer.destroyForcibly();
    }
}
