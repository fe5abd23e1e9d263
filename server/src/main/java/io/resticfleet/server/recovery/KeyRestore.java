package io.resticfleet.server.recovery;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.secret.PassphraseBox;
import io.resticfleet.server.secret.SecretBox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the keys in a backup back with its database. What was in their places is kept beside them. */
public final class KeyRestore implements DatabaseRestore.Company {

    private static final Logger log = LoggerFactory.getLogger(KeyRestore.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final ServerConfig config;
    private final Supplier<Optional<String>> passphrase;
    private final Instant now;
    private final Map<Path, Path> ready = new TreeMap<>();
    private final List<String> words = new ArrayList<>();

    /** @param passphrase asked for once, and only if the backup holds keys; empty if nobody gives one */
    public KeyRestore(ServerConfig config, Supplier<Optional<String>> passphrase, Instant now) {
        this.config = config;
        this.passphrase = passphrase;
        this.now = now;
    }

    /** What was done, a line each, for the operator. */
    public List<String> words() {
        return List.copyOf(words);
    }

    @Override
    public void prepare(Path incoming) throws IOException {
        var envelope = SealedKeys.find(incoming);
        if (envelope.isEmpty()) {
            return;
        }
        var said = passphrase.get();
        if (said.isPresent()) {
            prepare(incoming, KeyBundle.fromJson(new PassphraseBox(said.get()).open(envelope.get())));
        } else if (Files.exists(config.secretKeyFile())) {
            SecretKeyCheck.check(SecretBox.open(config.secretKeyFile()), config.secretKeyFile(), incoming);
            words.add("the keys in the backup were left alone, as no passphrase was given; the key file "
                    + config.secretKeyFile() + " opens it");
        } else {
            throw new OperatorError("the keys in it are sealed with a passphrase, and there is no key file "
                    + config.secretKeyFile() + " to do without; name a file that holds the passphrase with"
                    + " --passphrase-file");
        }
    }

    private void prepare(Path incoming, KeyBundle bundle) throws IOException {
        for (var file : bundle.placesOn(config).entrySet()) {
            var place = file.getKey();
            if (!Files.exists(place) || !Arrays.equals(Files.readAllBytes(place), file.getValue())) {
                makeReady(place, file.getValue());
            }
        }
        var key = ready.getOrDefault(KeyBundle.normal(config.secretKeyFile()), config.secretKeyFile());
        SecretKeyCheck.check(SecretBox.open(key), config.secretKeyFile(), incoming);
        words.add("put back with it: " + String.join(", ", bundle.names()));
        if (bundle.files().containsKey(KeyBundle.TLS_KEY) && config.tls().isEmpty()) {
            words.add("certificate and key are in " + config.dataDir()
                    + "; name them with RESTIC_FLEET_TLS_CERT and RESTIC_FLEET_TLS_KEY");
        }
    }

    private void makeReady(Path place, byte[] content) throws IOException {
        var half = place.resolveSibling(place.getFileName() + ".restoring");
        var directory = place.toAbsolutePath().getParent();
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.deleteIfExists(half);
        ready.put(place, half); // before it is whole, so that what is abandoned goes with the rest
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(half, options, ownerOnly)) {
            var bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    @Override
    public void abandon() {
        for (var half : ready.values()) {
            try {
                Files.deleteIfExists(half);
            } catch (IOException e) {
                log.error("a key that is not sealed was left in {}; remove it: {}", half, e.getMessage());
            }
        }
        ready.clear();
    }

    @Override
    public void place() throws IOException {
        for (var file : ready.entrySet()) {
            var place = file.getKey();
            if (Files.exists(place)) {
                var aside = place.resolveSibling(place.getFileName() + ".before-restore-" + STAMP.format(now));
                Files.copy(place, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                words.add("the file that was there is kept as " + aside);
            }
            Files.move(file.getValue(), place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (var directory = FileChannel.open(place.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}
