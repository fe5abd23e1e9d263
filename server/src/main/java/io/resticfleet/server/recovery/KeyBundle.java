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
 * The files that a server needs in addition to its database: the secret key, and the certificate and key for HTTPS.
 *
 * @param files content by purpose; binary content is in Base64, under its name with the prefix {@code base64:}
 */
public record KeyBundle(Map<String, String> files) {

    /** The file of RESTIC_FLEET_SECRET_KEY_FILE, wherever it is. */
    static final String SECRET_KEY = "secret-key";

    /** The file of RESTIC_FLEET_TLS_CERT, or the server's own certificate. */
    static final String TLS_CERTIFICATE = "tls-certificate";

    static final String TLS_KEY = "tls-key";

    /** Prefix of other keys and certificates in the data directory; the file name follows. */
    private static final String IN_DATA = "data/";

    private static final String BASE64 = "base64:";

    private static final Set<String> ENDINGS = Set.of(".key", ".pem", ".crt", ".p12");

    public KeyBundle {
        files = Map.copyOf(files);
    }

    /** @throws OperatorError if a file cannot be read */
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
        places.values().removeIf(other -> normalize(other).equals(normalize(place)));
        places.put(what, place);
    }

    static Path normalize(Path path) {
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
                    "cannot read " + file + ", and a backup without it would be incomplete: " + e.getMessage(), e);
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
            throw new OperatorError("the keys in the backup were written by a newer program version", e);
        }
    }

    /**
     * Absolute target paths and contents for a server with these settings. Files that the old server used take precedence
     * over others in its data directory, where a replaced key may remain under the same name.
     *
     * @throws OperatorError if two files that were in use have the same target
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
                    throw new OperatorError(what + " and " + other + " of the backup would both be written to " + place
                            + "; set a different file for each");
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
        return normalize(
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

    /** Names of the files, for display. */
    public List<String> names() {
        return files.keySet().stream()
                .map(name -> bare(name).replace(IN_DATA, ""))
                .sorted()
                .toList();
    }
}
