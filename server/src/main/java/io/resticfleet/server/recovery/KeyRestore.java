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

/** Restores the keys in a backup together with its database. Replaced files are kept beside the new ones. */
public final class KeyRestore implements DatabaseRestore.Attachment {

    private static final Logger log = LoggerFactory.getLogger(KeyRestore.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final ServerConfig config;
    private final Supplier<Optional<String>> passphrase;
    private final Instant now;
    /** Target path to the prepared file beside it. */
    private final Map<Path, Path> staged = new TreeMap<>();

    private final List<String> words = new ArrayList<>();

    /** @param passphrase called at most once, and only if the backup contains keys; empty if none was given */
    public KeyRestore(ServerConfig config, Supplier<Optional<String>> passphrase, Instant now) {
        this.config = config;
        this.passphrase = passphrase;
        this.now = now;
    }

    /** What was done, for the operator, one item per line. */
    public List<String> words() {
        return List.copyOf(words);
    }

    @Override
    public void prepare(Path incoming) throws IOException {
        var envelope = SealedKeys.find(incoming);
        if (envelope.isEmpty()) {
            return;
        }
        var given = passphrase.get();
        if (given.isPresent()) {
            prepare(incoming, KeyBundle.fromJson(new PassphraseBox(given.get()).open(envelope.get())));
        } else if (Files.exists(config.secretKeyFile())) {
            SecretKeyCheck.check(SecretBox.open(config.secretKeyFile()), config.secretKeyFile(), incoming);
            words.add("the keys in the backup were not restored, as no passphrase was given; the existing key file "
                    + config.secretKeyFile() + " fits this database");
        } else {
            throw new OperatorError("the keys in the backup are sealed with a passphrase, and there is no key file "
                    + config.secretKeyFile() + "; name a file that contains the passphrase with --passphrase-file");
        }
    }

    private void prepare(Path incoming, KeyBundle bundle) throws IOException {
        for (var file : bundle.placesOn(config).entrySet()) {
            var place = file.getKey();
            if (!Files.exists(place) || !Arrays.equals(Files.readAllBytes(place), file.getValue())) {
                stage(place, file.getValue());
            }
        }
        var key = staged.getOrDefault(KeyBundle.normalize(config.secretKeyFile()), config.secretKeyFile());
        SecretKeyCheck.check(SecretBox.open(key), config.secretKeyFile(), incoming);
        words.add("restored with it: " + String.join(", ", bundle.names()));
        if (bundle.files().containsKey(KeyBundle.TLS_KEY) && config.tls().isEmpty()) {
            words.add("certificate and key are in " + config.dataDir()
                    + "; to use them, set RESTIC_FLEET_TLS_CERT and RESTIC_FLEET_TLS_KEY");
        }
    }

    private void stage(Path place, byte[] content) throws IOException {
        var partial = place.resolveSibling(place.getFileName() + ".restoring");
        var directory = place.toAbsolutePath().getParent();
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.deleteIfExists(partial);
        staged.put(place, partial); // before it is written, so that a rollback deletes it too
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(partial, options, ownerOnly)) {
            var bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    @Override
    public void rollback() {
        for (var partial : staged.values()) {
            try {
                Files.deleteIfExists(partial);
            } catch (IOException e) {
                log.error("an unencrypted key could not be deleted; delete {}: {}", partial, e.getMessage());
            }
        }
        staged.clear();
    }

    @Override
    public void commit() throws IOException {
        for (var file : staged.entrySet()) {
            var place = file.getKey();
            if (Files.exists(place)) {
                var aside = place.resolveSibling(place.getFileName() + ".before-restore-" + STAMP.format(now));
                Files.copy(place, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                words.add("the replaced file is kept as " + aside);
            }
            Files.move(file.getValue(), place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (var directory = FileChannel.open(place.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}
