package io.resticfleet.server.tls;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The self-signed certificate of this server, and its key.
 *
 * <p>Agents pin only the key. The certificate is therefore renewed when necessary, but the key never: a new key would lock
 * out all agents.
 */
public final class SelfSignedCertificate {

    private static final Logger log = LoggerFactory.getLogger(SelfSignedCertificate.class);

    private static final Duration LIFETIME = Duration.ofDays(3650);

    /** A certificate that expires sooner is renewed at the start; few servers run longer without a restart. */
    private static final Duration MIN_REMAINING = Duration.ofDays(730);

    /** Start of validity before now, for clients whose clock is slow. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private static final Pattern PUBLIC_KEY =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----", Pattern.DOTALL);
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,253}");
    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "0:0:0:0:0:0:0:0", "::");
    private static final String OWNER_ONLY = "rw-------";

    private SelfSignedCertificate() {}

    /**
     * Creates key and certificate if there are none. Renews the certificate if it expires soon, is damaged, or lacks a
     * configured name.
     *
     * @throws OperatorError if that fails, or the key is lost or damaged
     */
    public static void prepare(ServerConfig config, TlsFiles files, Instant now) {
        if (!Files.exists(files.key())) {
            if (Files.exists(files.certificate())) {
                throw new OperatorError(
                        "the key " + files.key() + " is missing, but its certificate " + files.certificate()
                                + " exists: restore the key from a backup. If there is none, delete the certificate too; the"
                                + " server then creates a new key, and every agent needs its new pin");
            }
            write(files.key(), newKey());
        }
        keepPrivate(files.key());
        var keys = keys(files);
        var configured = configuredNames(config);
        if (!isUsable(files, keys, configured, now)) {
            var names = new LinkedHashSet<>(configured);
            names.addAll(machineNames());
            var der = DerCertificate.of(keys, names, now.minus(BACKDATED), now.plus(LIFETIME));
            write(files.certificate(), pem("CERTIFICATE", der));
            log.info("created a certificate names={} until={}", names, now.plus(LIFETIME));
        }
    }

    private static boolean isUsable(TlsFiles files, KeyPair keys, Collection<String> configured, Instant now) {
        if (!Files.exists(files.certificate())) {
            return false;
        }
        try {
            var certificate = (X509Certificate) Tls.certificate(files);
            var names = Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of()).stream()
                    .map(name -> String.valueOf(name.get(1)))
                    .toList();
            return keys.getPublic().equals(certificate.getPublicKey())
                    && !certificate.getNotBefore().toInstant().isAfter(now)
                    && certificate.getNotAfter().toInstant().isAfter(now.plus(MIN_REMAINING))
                    && names.containsAll(configured);
        } catch (OperatorError | GeneralSecurityException e) {
            log.warn("the server's certificate cannot be used, creating a new one: {}", e.getMessage());
            return false;
        }
    }

    private static String newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            return pem("PRIVATE KEY", pair.getPrivate().getEncoded())
                    + pem("PUBLIC KEY", pair.getPublic().getEncoded()); // Java cannot derive it from the private key
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot create EC keys", e);
        }
    }

    private static KeyPair keys(TlsFiles files) {
        var secret = Tls.key(files.key());
        var found = PUBLIC_KEY.matcher(Tls.read(files.key()));
        try {
            if (found.find()) {
                var open = KeyFactory.getInstance("EC")
                        .generatePublic(
                                new X509EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1))));
                if (Tls.belongTogether(open, secret)) {
                    return new KeyPair(open, secret);
                }
            }
            throw damaged(files.key(), null);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw damaged(files.key(), e);
        }
    }

    private static OperatorError damaged(Path key, Exception cause) {
        return new OperatorError("the key " + key + " is damaged: restore it from a backup", cause);
    }

    /** The names of this server in its settings. */
    private static List<String> configuredNames(ServerConfig config) {
        var names = new ArrayList<String>();
        config.publicUrl().map(URI::getHost).ifPresent(names::add);
        names.add(config.listen().host());
        return names.stream()
                .map(SelfSignedCertificate::normal)
                .filter(name -> HOST.matcher(name).matches() && !WILDCARDS.contains(name))
                .distinct()
                .toList();
    }

    private static List<String> machineNames() {
        var names = new ArrayList<>(List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"));
        try {
            names.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            log.debug("cannot find this machine's name: {}", e.getMessage());
        }
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLinkLocalAddress())
                    .forEach(address -> names.add(address.getHostAddress()));
        } catch (SocketException e) {
            log.debug("cannot list this machine's addresses: {}", e.getMessage());
        }
        return names.stream()
                .map(SelfSignedCertificate::normal)
                .filter(name -> HOST.matcher(name).matches())
                .distinct()
                .toList();
    }

    /** The form in which Java reads names from a certificate: lower case, addresses in full and without brackets. */
    private static String normal(String host) {
        var bare = host.replaceAll("[\\[\\]]|%.*", "").toLowerCase(Locale.ROOT);
        try {
            return bare.contains(":") ? InetAddress.getByName(bare).getHostAddress() : bare;
        } catch (UnknownHostException e) {
            return bare;
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + what + "-----\n";
    }

    /** Whether users other than the owner have access. */
    public static boolean isOpen(Path key) throws IOException {
        return !PosixFilePermissions.toString(Files.getPosixFilePermissions(key))
                .endsWith("------");
    }

    private static void keepPrivate(Path key) {
        try {
            if (isOpen(key)) {
                log.warn("other users could read the key {}; they no longer can, but may have a copy", key);
                Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(OWNER_ONLY));
            }
        } catch (IOException e) {
            throw new OperatorError(
                    "other users can read the key " + key + ", and this cannot be changed; run chmod 600 on it", e);
        }
    }

    /** Replaces a file atomically and durably. */
    private static void write(Path file, String text) {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        try {
            Files.deleteIfExists(fresh);
            try (var channel = Files.newByteChannel(
                    fresh,
                    options,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)))) {
                channel.write(StandardCharsets.US_ASCII.encode(text));
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (var directory = FileChannel.open(file.toAbsolutePath().getParent())) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new OperatorError(
                    file + " cannot be written: " + e.getMessage()
                            + "; free disk space, or give the server write access to "
                            + file.toAbsolutePath().getParent(),
                    e);
        }
    }
}
