package io.resticfleet.agent.restic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Recorded output of a real restic. */
record Capture(String version, String name) {

    static final List<String> VERSIONS = List.of("0.14.0", "0.18.0", "0.19.1");

    String stderr() {
        return read("stderr");
    }

    Path stdout() {
        return file("stdout");
    }

    List<ResticEvent> events() {
        return (read("stdout") + read("stderr")).lines().map(ResticEvent::parse).toList();
    }

    int exitCode() {
        return Integer.parseInt(read("exit").strip());
    }

    private String read(String part) {
        try {
            return new String(Files.readAllBytes(file(part)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String part) {
        return Path.of("src/test/resources/captures", version, name + "." + part);
    }
}
