package io.resticfleet.e2e;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Jars with other versions. */
final class Versions {

    private Versions() {}

    /** The built agent with another version. */
    static Path agent(Path target, String version) throws IOException {
        Files.copy(AgentProcess.JAR, target, StandardCopyOption.REPLACE_EXISTING);
        try (var jar = open(target)) {
            var file = jar.getPath("META-INF/MANIFEST.MF");
            var manifest = new Manifest();
            try (var in = Files.newInputStream(file)) {
                manifest.read(in);
            }
            manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
            try (var out = Files.newOutputStream(file)) {
                manifest.write(out);
            }
        }
        return target;
    }

    /** A jar that prints its version and fails otherwise. */
    static Path brokenAgent(Path target, String version) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, BrokenAgent.class.getName());
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
        var code = BrokenAgent.class.getName().replace('.', '/') + ".class";
        try (var jar = new JarOutputStream(Files.newOutputStream(target), manifest);
                var in = Versions.class.getClassLoader().getResourceAsStream(code)) {
            jar.putNextEntry(new ZipEntry(code));
            in.transferTo(jar);
        }
        return target;
    }

    /** The built server with another agent inside. */
    static Path server(Path target, Path agent) throws IOException {
        Files.copy(ServerProcess.JAR, target, StandardCopyOption.REPLACE_EXISTING);
        try (var jar = open(target)) {
            Files.copy(agent, jar.getPath("agent/restic-fleet-agent.jar"), StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
    }

    private static FileSystem open(Path jar) throws IOException {
        return FileSystems.newFileSystem(jar, Map.of());
    }
}
