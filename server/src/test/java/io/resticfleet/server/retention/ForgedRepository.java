package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RetentionPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A real repository, into which snapshots of any time and host are written as anyone with its password can. So thousands of
 * them take a moment. Its key is cheap to derive, as each call of restic derives it.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/design.html">restic: repository format</a>
 */
final class ForgedRepository {

    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();
    static final String PASSWORD = "forged";
    private static final int MAC_BYTES = 16;

    private final Path restic;
    private final Path directory;
    private final MasterKey key;
    private final SecureRandom random = new SecureRandom();

    private ForgedRepository(Path restic, Path directory, MasterKey key) {
        this.restic = restic;
        this.directory = directory;
        this.key = key;
    }

    /**
     * A snapshot as the repository stores it.
     *
     * @param time ISO-8601 with an offset, in which restic counts its days
     */
    record Forged(String time, String tree, List<String> paths, String hostname, List<String> tags) {}

    private record MasterKey(byte[] encrypt, byte[] macKey, byte[] macR) {}

    /** The newest restic that scripts/newer-restic.sh has fetched; absent if it could not. */
    static Optional<Path> newestRestic() {
        if (!Files.isDirectory(TOOLS)) {
            return Optional.empty();
        }
        try (var directories = Files.list(TOOLS)) {
            return directories
                    .filter(path -> path.getFileName().toString().matches("restic-0\\.\\d\\d\\..*"))
                    .map(path -> path.resolve("restic"))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ForgedRepository create(Path restic, Path directory) throws IOException, GeneralSecurityException {
        run(restic, directory, List.of("init", "-q", "--repository-version=1")); // which compresses nothing
        try (var keys = Files.list(directory.resolve("keys"))) {
            var file = keys.findFirst().orElseThrow();
            var json = (ObjectNode) Json.LENIENT.readTree(Files.readAllBytes(file));
            var sealed = json.get("data").binaryValue();
            var master = open(userKey(json), sealed);
            var text = Json.LENIENT.readTree(master);
            json.put("N", 2).put("r", 1).put("p", 1);
            var iv = Arrays.copyOf(sealed, 16);
            json.put("data", Base64.getEncoder().encodeToString(seal(userKey(json), iv, master)));
            store(directory.resolve("keys"), Json.LENIENT.writeValueAsBytes(json));
            Files.delete(file);
            return new ForgedRepository(
                    restic,
                    directory,
                    new MasterKey(
                            text.get("encrypt").binaryValue(),
                            text.get("mac").get("k").binaryValue(),
                            text.get("mac").get("r").binaryValue()));
        }
    }

    /** Adds a snapshot; returns its id. */
    String add(Forged snapshot) throws IOException, GeneralSecurityException {
        return store(directory.resolve("snapshots"), sealed(Json.LENIENT.valueToTree(snapshot)));
    }

    /** What a file of the repository contains, encrypted as all of them are. */
    byte[] sealed(JsonNode content) throws IOException, GeneralSecurityException {
        var iv = new byte[16];
        random.nextBytes(iv);
        return seal(key, iv, Json.LENIENT.writeValueAsBytes(content));
    }

    /** A snapshot as it is stored. */
    JsonNode read(String id) throws IOException, GeneralSecurityException {
        return Json.LENIENT.readTree(
                open(key, Files.readAllBytes(directory.resolve("snapshots").resolve(id))));
    }

    /** What restic would do: one group for each host. */
    JsonNode forget(RetentionPolicy policy) throws IOException {
        var arguments = new ArrayList<>(List.of("forget", "--dry-run", "--json", "--group-by", "host"));
        policy.counts().forEach((name, count) -> {
            if (count > 0) {
                arguments.add("--" + name + "=" + count);
            }
        });
        policy.keepWithin().ifPresent(text -> arguments.add("--keep-within=" + text));
        return Json.LENIENT.readTree(run(restic, directory, arguments));
    }

    private static String run(Path restic, Path directory, List<String> arguments) throws IOException {
        var command = Stream.concat(
                        Stream.of(restic.toString(), "--no-cache", "--repo", directory.toString()), arguments.stream())
                .toList();
        var builder = new ProcessBuilder(command);
        builder.environment().put("RESTIC_PASSWORD", PASSWORD);
        builder.environment().put("TZ", "UTC");
        var process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return output;
    }

    private static String store(Path folder, byte[] content) throws IOException, GeneralSecurityException {
        var id = id(content);
        Files.write(folder.resolve(id), content);
        return id;
    }

    /** The name of a file with this content. */
    static String id(byte[] content) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private static MasterKey userKey(JsonNode file) throws IOException {
        var derived = SCrypt.generate(
                PASSWORD.getBytes(StandardCharsets.UTF_8),
                file.get("salt").binaryValue(),
                file.get("N").asInt(),
                file.get("r").asInt(),
                file.get("p").asInt(),
                64);
        return new MasterKey(
                Arrays.copyOf(derived, 32), Arrays.copyOfRange(derived, 32, 48), Arrays.copyOfRange(derived, 48, 64));
    }

    private static byte[] open(MasterKey key, byte[] sealed) throws GeneralSecurityException {
        return cipher(key, Arrays.copyOf(sealed, 16)).doFinal(sealed, 16, sealed.length - 16 - MAC_BYTES);
    }

    private static byte[] seal(MasterKey key, byte[] iv, byte[] content) throws GeneralSecurityException {
        var hidden = cipher(key, iv).doFinal(content);
        var sealed = Arrays.copyOf(iv, 16 + hidden.length + MAC_BYTES);
        System.arraycopy(hidden, 0, sealed, 16, hidden.length);
        var mac = new Poly1305();
        mac.init(new KeyParameter(macKey(key, iv)));
        mac.update(hidden, 0, hidden.length);
        mac.doFinal(sealed, 16 + hidden.length);
        return sealed;
    }

    private static Cipher cipher(MasterKey key, byte[] iv) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.encrypt(), "AES"), new IvParameterSpec(iv));
        return cipher;
    }

    /** Poly1305-AES: r, and the encrypted nonce. */
    private static byte[] macKey(MasterKey key, byte[] nonce) throws GeneralSecurityException {
        var aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.macKey(), "AES"));
        var both = Arrays.copyOf(key.macR(), 32);
        System.arraycopy(aes.doFinal(nonce), 0, both, 16, 16);
        return both;
    }
}
