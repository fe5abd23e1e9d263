package io.resticfleet.agent.upgrade;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Jars that only print their version. */
final class Jars {

    private Jars() {}

    static byte[] of(String version) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, VersionPrinter.class.getName());
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes, manifest)) {
            var name = VersionPrinter.class.getName().replace('.', '/') + ".class";
            jar.putNextEntry(new ZipEntry(name));
            try (var code = Jars.class.getClassLoader().getResourceAsStream(name)) {
                code.transferTo(jar);
            }
        }
        return bytes.toByteArray();
    }

    static String sha256(byte[] jar) {
        return HexFormat.of().formatHex(Jar.digest().digest(jar));
    }
}
