package io.resticfleet.server.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The small files that a server needs beside its database, by what they are: the key to the repository passwords, and
 * certificate and key by which agents know it.
 *
 * @param files their contents; what is not text, as some certificates are not, is in Base64 under {@code base64:} and its
 *     name
 */
public record KeyBundle(Map<String, String> files) {

    /** The key file, wherever it is kept. */
    static final String SECRET_KEY = "secret-key";

    /** Certificate and key that the settings name. */
    static final String TLS_CERTIFICATE = "tls-certificate";

    static final String TLS_KEY = "tls-key";

    /** What else lies in the data directory and is a key or a certificate; the file's name follows. */
    private static final String IN_DATA = "data/";

    private static final String BASE64 = "base64:";

    private static final Set<String> ENDINGS = Set.of(".key", ".pem", ".crt", ".p12");

    public KeyBundle {
        files = Map.copyOf(files);
    }

    /** @throws OperatorError if one of them cannot be read */
    public static KeyBundle collect(ServerConfig config) {
        var places = new TreeMap<String, Path>();
        try (var listed = Files.list(config.dataDir())) {
            listed.filter(KeyBundle::isKeyOrCertificate)
                    .forEach(file -> places.put(IN_DATA + file.getFileName(), file));
        } catch (IOException e) {
            throw new OperatorError("cannot list " + config.dataDir() + ": " + e.getMessage(), e);
        }
        config.tls().ifPresent(tls -> {
            place(places, TLS_CERTIFICATE, tls.certificate());
            place(places, TLS_KEY, tls.key());
        });
        place(places, SECRET_KEY, config.secretKeyFile());
        var files = new TreeMap<String, String>();
        places.forEach((what, place) -> {
            var bytes = read(place);
            var text = new String(bytes, StandardCharsets.UTF_8);
            if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
                files.put(what, text);
            } else {
                files.put(BASE64 + what, Base64.getEncoder().encodeToString(bytes));
            }
        });
        return new KeyBundle(files);
    }

    private static void place(Map<String, Path> places, String what, Path place) {
        places.values().removeIf(other -> normal(other).equals(normal(place)));
        places.put(what, place);
    }

    /** As paths are compared. */
    static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static boolean isKeyOrCertificate(Path file) {
        var name = file.getFileName().toString();
        return Files.isRegularFile(file) && ENDINGS.stream().anyMatch(name::endsWith);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new OperatorError(
                    "cannot read " + file + ", without which the backup would be of little use: " + e.getMessage(), e);
        }
    }

    public String toJson() {
        try {
            return Json.LENIENT.writeValueAsString(new TreeMap<>(files));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyBundle fromJson(String json) {
        try {
            return new KeyBundle(Json.LENIENT.readValue(json, new TypeReference<Map<String, String>>() {}));
        } catch (JsonProcessingException e) {
            throw new OperatorError("what is in the envelope with the keys is of a newer program", e);
        }
    }

    /**
     * Where they go on a server that is set up like this, absolute. What the old server used goes before what merely lay
     * in its data directory: a key that was changed may have left the former one there, under the same name.
     *
     * @throws OperatorError if two that were in use would have one place
     */
    Map<Path, byte[]> placesOn(ServerConfig config) {
        var places = new TreeMap<Path, byte[]>();
        files.forEach((name, content) -> {
            var what = bare(name);
            if (!isInUse(what)) {
                places.put(placeOn(config, what), bytes(name, content));
            }
        });
        var taken = new TreeMap<Path, String>();
        files.forEach((name, content) -> {
            var what = bare(name);
            if (isInUse(what)) {
                var place = placeOn(config, what);
                var other = taken.put(place, what);
                if (other != null) {
                    throw new OperatorError(
                            what + " and " + other + " in it would both be " + place + "; name a file for each");
                }
                places.put(place, bytes(name, content));
            }
        });
        return places;
    }

    private static String bare(String name) {
        return name.startsWith(BASE64) ? name.substring(BASE64.length()) : name;
    }

    private static byte[] bytes(String name, String content) {
        return name.startsWith(BASE64) ? Base64.getDecoder().decode(content) : content.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isInUse(String what) {
        return !what.startsWith(IN_DATA);
    }

    private static Path placeOn(ServerConfig config, String what) {
        return normal(
                switch (what) {
                    case SECRET_KEY -> config.secretKeyFile();
                    case TLS_CERTIFICATE ->
                        config.tls()
                                .map(TlsFiles::certificate)
                                .orElse(config.dataDir().resolve("tls.crt"));
                    case TLS_KEY ->
                        config.tls().map(TlsFiles::key).orElse(config.dataDir().resolve("tls.key"));
                    default -> {
                        var name =
                                Path.of(what.replace(IN_DATA, "")).getFileName().toString();
                        yield config.dataDir().resolve(name);
                    }
                });
    }

    /** What they are, for people. */
    public List<String> names() {
        return files.keySet().stream()
                .map(name -> bare(name).replace(IN_DATA, ""))
                .sorted()
                .toList();
    }
}
