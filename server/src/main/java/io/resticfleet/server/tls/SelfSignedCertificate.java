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
 * The certificate that this server makes for itself, and its key.
 *
 * <p>Agents insist on the key alone, so the certificate is made anew whenever it is of no more use, and the key never:
 * another one would shut out every agent.
 */
public final class SelfSignedCertificate {

    private static final Logger log = LoggerFactory.getLogger(SelfSignedCertificate.class);

    private static final Duration LIFE = Duration.ofDays(3650);

    /** As much is left of it at a start, or it is made anew; few servers run for so long. */
    private static final Duration LEAST_LEFT = Duration.ofDays(730);

    /** Clocks of clients differ. */
    private static final Duration BEFORE = Duration.ofDays(1);

    private static final Pattern PUBLIC_KEY =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----", Pattern.DOTALL);
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,253}");
    private static final Set<String> ANYWHERE = Set.of("0.0.0.0", "0:0:0:0:0:0:0:0", "::");
    private static final String OWNER_ONLY = "rw-------";

    private SelfSignedCertificate() {}

    /**
     * Makes key and certificate if there are none, and the certificate anew if it ends soon, is damaged, or lacks a name
     * that was set.
     *
     * @throws OperatorError if that is not possible, or the key is lost or damaged
     */
    public static void prepare(ServerConfig config, TlsFiles files, Instant now) {
        if (!Files.exists(files.key())) {
            if (Files.exists(files.certificate())) {
                throw new OperatorError(
                        "the key " + files.key() + " is gone, but its certificate " + files.certificate()
                                + " is there: put the key back from a copy. If there is none, remove the certificate too; the"
                                + " server then makes a new key, and every agent must be told to trust it");
            }
            write(files.key(), newKey());
        }
        keepPrivate(files.key());
        var keys = keys(files);
        var set = setNames(config);
        if (!serves(files, keys, set, now)) {
            var names = new LinkedHashSet<>(set);
            names.addAll(machineNames());
            var der = DerCertificate.of(keys, names, now.minus(BEFORE), now.plus(LIFE));
            write(files.certificate(), pem("CERTIFICATE", der));
            log.info("made a certificate names={} until={}", names, now.plus(LIFE));
        }
    }

    private static boolean serves(TlsFiles files, KeyPair keys, Collection<String> set, Instant now) {
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
                    && certificate.getNotAfter().toInstant().isAfter(now.plus(LEAST_LEFT))
                    && names.containsAll(set);
        } catch (OperatorError | GeneralSecurityException e) {
            log.warn("the server's certificate cannot be used and is made anew: {}", e.getMessage());
            return false;
        }
    }

    private static String newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            return pem("PRIVATE KEY", pair.getPrivate().getEncoded())
                    + pem("PUBLIC KEY", pair.getPublic().getEncoded()); // Java cannot tell it from the private one
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make EC keys", e);
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
        return new OperatorError("the key " + key + " is damaged: put it back from a copy", cause);
    }

    /** What the operator calls this server. */
    private static List<String> setNames(ServerConfig config) {
        var names = new ArrayList<String>();
        config.publicUrl().map(URI::getHost).ifPresent(names::add);
        names.add(config.listen().host());
        return names.stream()
                .map(SelfSignedCertificate::normal)
                .filter(name -> HOST.matcher(name).matches() && !ANYWHERE.contains(name))
                .distinct()
                .toList();
    }

    private static List<String> machineNames() {
        var names = new ArrayList<>(List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"));
        try {
            names.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            log.debug("this machine's name is not known: {}", e.getMessage());
        }
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLinkLocalAddress())
                    .forEach(address -> names.add(address.getHostAddress()));
        } catch (SocketException e) {
            log.debug("this machine's addresses are not known: {}", e.getMessage());
        }
        return names.stream()
                .map(SelfSignedCertificate::normal)
                .filter(name -> HOST.matcher(name).matches())
                .distinct()
                .toList();
    }

    /** As Java reads it from a certificate: lower case, addresses without brackets and in full. */
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

    /** Whether others than the owner may read it. */
    public static boolean isOpen(Path key) throws IOException {
        return !PosixFilePermissions.toString(Files.getPosixFilePermissions(key))
                .endsWith("------");
    }

    private static void keepPrivate(Path key) {
        try {
            if (isOpen(key)) {
                log.warn("others could read the key {}; it is made private, but may be known to them", key);
                Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(OWNER_ONLY));
            }
        } catch (IOException e) {
            throw new OperatorError("others can read the key " + key + ", and that cannot be changed: chmod 600 it", e);
        }
    }

    /** Whole or not at all, and on disk. */
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
                    file + " cannot be written: " + e.getMessage() + "; make room, or let the server write into "
                            + file.toAbsolutePath().getParent(),
                    e);
        }
    }
}
