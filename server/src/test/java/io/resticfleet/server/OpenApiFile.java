package io.resticfleet.server;

import io.resticfleet.protocol.Json;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.OpenApi;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.logging.LogManager;

/**
 * Writes the API's description into the classes of the server, as part of each build: wires a server, which lists its
 * routes, and does not start it. Among the tests, so that the generator of schemas stays out of the server's jar.
 */
public final class OpenApiFile {

    private OpenApiFile() {}

    /** @param arguments the file to write, and the version of the server */
    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset(); // no news of a database that is thrown away
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        var data = Files.createTempDirectory("openapi");
        try {
            InstantSource clock = () -> Instant.EPOCH;
            var config = ServerConfig.from(
                    Map.of("RESTIC_FLEET_BOOTSTRAP_TOKEN", "nobody-signs-in-here"),
                    Map.of("--data-dir", data.toString()));
            try (var app = App.wire(
                    config,
                    Database.open(data, clock),
                    clock,
                    System::nanoTime,
                    Uptime::read,
                    Optional.empty(),
                    Sending.overNetwork(clock))) {
                Files.write(
                        Path.of(arguments[0]),
                        Json.LENIENT.writeValueAsBytes(OpenApi.describe(app.routes(), arguments[1])));
            }
        } finally {
            Directories.delete(data);
        }
    }
}
