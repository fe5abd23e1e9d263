package io.resticfleet.server.config;

import io.resticfleet.pin.Pin;
import io.resticfleet.program.Setting;
import io.resticfleet.program.SettingsReader;
import io.resticfleet.server.web.Network;
import io.resticfleet.server.web.Site;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything the operator can set, read once at start.
 *
 * @param listen address and port; port 0 takes any free one
 * @param dataDir database, its copies and small files; made if absent
 * @param publicUrl how people and agents reach this server; absent if that is where it listens
 * @param bootstrapToken lets the first user in; absent has one made
 * @param secretKeyFile opens the repository passwords in the database; made if absent and nothing needs it
 * @param trustedProxies whose word about the client is taken
 * @param tls absent for plain HTTP
 * @param passphraseFile opens the keys in a backup, or shall; absent to have it asked for
 * @param given what was set, by environment variable, without secrets and without what holds for this machine only
 */
public record ServerConfig(
        ListenAddress listen,
        Path dataDir,
        Optional<URI> publicUrl,
        Optional<String> bootstrapToken,
        Path secretKeyFile,
        List<Network> trustedProxies,
        Optional<TlsFiles> tls,
        Optional<Path> passphraseFile,
        Map<String, String> given) {

    /**
     * Where a certificate with its chain, and its key, are kept; both PEM.
     *
     * @param nextPin SHA-256 of the public key that will be used after this one
     */
    public record TlsFiles(Path certificate, Path key, Maker maker, Optional<Pin> nextPin) {

        /** Who made them. */
        public enum Maker {
            OPERATOR,
            THIS_SERVER
        }
    }

    private static final Setting LISTEN = new Setting(
            "RESTIC_FLEET_LISTEN", "--listen", "127.0.0.1:8080", "address:port to serve on; port 0 takes any free one");
    public static final Setting DATA_DIR =
            new Setting("RESTIC_FLEET_DATA_DIR", "--data-dir", "./data", "directory for the database; made if absent");
    private static final Setting PUBLIC_URL = new Setting(
            "RESTIC_FLEET_PUBLIC_URL",
            "--public-url",
            "derived",
            "URL by which people and agents reach this server; needed behind a proxy that does TLS");
    private static final Setting BOOTSTRAP_TOKEN = new Setting(
            "RESTIC_FLEET_BOOTSTRAP_TOKEN",
            "--bootstrap-token",
            "generated",
            "secret that lets the first user in, once; a generated one is printed, and kept in"
                    + " <data-dir>/bootstrap-token until used");
    private static final Setting SECRET_KEY_FILE = new Setting(
            "RESTIC_FLEET_SECRET_KEY_FILE",
            "--secret-key-file",
            "<data-dir>/secret.key",
            "file with the key to the repository passwords in the database; made if absent; keep a copy");
    private static final Setting TRUSTED_PROXIES = new Setting(
            "RESTIC_FLEET_TRUSTED_PROXIES",
            "--trusted-proxies",
            "none",
            "IP addresses and CIDR networks, with commas, whose X-Forwarded-For and -Proto are believed");
    private static final Setting TLS = new Setting(
            "RESTIC_FLEET_TLS",
            "--tls",
            "off",
            "self-signed serves HTTPS with a key and a certificate that the server makes for itself, kept in"
                    + " <data-dir>/tls.key and <data-dir>/tls.pem");
    private static final Setting TLS_CERT = new Setting(
            "RESTIC_FLEET_TLS_CERT",
            "--tls-cert",
            "off",
            "PEM file with the certificate and its chain, to serve HTTPS");
    private static final Setting TLS_KEY = new Setting(
            "RESTIC_FLEET_TLS_KEY", "--tls-key", "off", "PEM file with the certificate's key (PKCS#8, not encrypted)");
    private static final Setting TLS_NEXT_PIN = new Setting(
            "RESTIC_FLEET_TLS_NEXT_PIN",
            "--tls-next-pin",
            "none",
            "SHA-256 of the public key that HTTPS will be served with next; agents that have a pin are told to trust it too");

    private static final Setting PASSPHRASE_FILE = new Setting(
            "RESTIC_FLEET_PASSPHRASE_FILE",
            "--passphrase-file",
            "asked for",
            "file whose first line is the passphrase for the keys in a backup; for the commands backup and restore");

    /** In the order in which {@code --help} and the manual list them. */
    public static final List<Setting> SETTINGS = List.of(
            LISTEN,
            DATA_DIR,
            PUBLIC_URL,
            BOOTSTRAP_TOKEN,
            SECRET_KEY_FILE,
            TRUSTED_PROXIES,
            TLS,
            TLS_CERT,
            TLS_KEY,
            TLS_NEXT_PIN,
            PASSPHRASE_FILE);

    /** The agent's: on a machine that runs both, they may be set for both. */
    private static final Set<String> OF_THE_AGENT = Set.of(
            "RESTIC_FLEET_RESTIC", "RESTIC_FLEET_ALLOW_HOOKS", "RESTIC_FLEET_ALLOW_UPGRADES", "RESTIC_FLEET_POLICY");

    private static final Set<Setting> OF_THIS_MACHINE = Set.of(DATA_DIR, PASSPHRASE_FILE);

    public ServerConfig {
        trustedProxies = List.copyOf(trustedProxies);
        given = Map.copyOf(given);
    }

    /**
     * Reads settings from flags and, where there is none, from the environment; blank is as good as absent.
     *
     * @param flags by name, such as {@code --listen}
     * @throws IllegalArgumentException listing every wrong setting, one to a line, fit to show the operator
     */
    public static ServerConfig from(Map<String, String> environment, Map<String, String> flags) {
        var reader = new SettingsReader(SETTINGS, environment, flags, OF_THE_AGENT);
        var listen = reader.get(LISTEN, ListenAddress::parse);
        var dataDir = reader.get(DATA_DIR, Path::of);
        var publicUrl = reader.find(PUBLIC_URL, ServerConfig::publicUrl);
        var bootstrapToken = reader.find(BOOTSTRAP_TOKEN, String::strip);
        var secretKeyFile = reader.find(SECRET_KEY_FILE, Path::of);
        var trustedProxies = reader.find(TRUSTED_PROXIES, ServerConfig::networks);
        var selfSigned = reader.get(TLS, ServerConfig::selfSigned).orElse(false);
        var certificate = reader.find(TLS_CERT, Path::of);
        var key = reader.find(TLS_KEY, Path::of);
        var nextPin = reader.find(TLS_NEXT_PIN, Pin::parse);
        if (reader.isSet(TLS) && reader.isSet(TLS_CERT)) {
            reader.complain(
                    "RESTIC_FLEET_TLS and RESTIC_FLEET_TLS_CERT exclude each other: with files of your own, leave"
                            + " RESTIC_FLEET_TLS out");
        }
        if (nextPin.isPresent() && !selfSigned && certificate.isEmpty()) {
            reader.complain("RESTIC_FLEET_TLS_NEXT_PIN is of no use without RESTIC_FLEET_TLS or RESTIC_FLEET_TLS_CERT");
        }
        var passphraseFile = reader.find(PASSPHRASE_FILE, Path::of);
        if (reader.isSet(TLS_CERT) != reader.isSet(TLS_KEY)) {
            reader.complain("RESTIC_FLEET_TLS_CERT and RESTIC_FLEET_TLS_KEY belong together: set both or neither");
        }
        reader.throwIfWrong();
        return new ServerConfig(
                listen.get(),
                dataDir.get(),
                publicUrl,
                bootstrapToken,
                secretKeyFile.orElse(dataDir.get().resolve("secret.key")),
                trustedProxies.orElse(List.of()),
                selfSigned
                        ? Optional.of(new TlsFiles(
                                dataDir.get().resolve("tls.pem"),
                                dataDir.get().resolve("tls.key"),
                                TlsFiles.Maker.THIS_SERVER,
                                nextPin))
                        : certificate.map(file -> new TlsFiles(file, key.get(), TlsFiles.Maker.OPERATOR, nextPin)),
                passphraseFile,
                reader.given(setting -> !setting.isSecret() && !OF_THIS_MACHINE.contains(setting)));
    }

    /** How this server is reached from outside. */
    public Site site() {
        return new Site(publicUrl, trustedProxies);
    }

    /** For {@code --help}. */
    public static String help() {
        return SETTINGS.stream()
                .map(setting -> "  %-19s %s%n  %-19s $%s, default %s%n"
                        .formatted(setting.flag(), setting.meaning(), "", setting.name(), setting.fallback()))
                .collect(Collectors.joining());
    }

    /** What is in force, also what is off; without secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "listen=" + listen
                + " data-dir=" + dataDir
                + " public-url=" + publicUrl.map(URI::toString).orElse("derived")
                + " bootstrap-token=" + bootstrapToken.map(token -> "***").orElse("generated")
                + " secret-key-file=" + secretKeyFile
                + " trusted-proxies="
                + (trustedProxies.isEmpty()
                        ? "none"
                        : trustedProxies.stream().map(Network::toString).collect(Collectors.joining(",")))
                + " tls=" + tls.map(files -> files.certificate().toString()).orElse("off");
    }

    private static URI publicUrl(String text) {
        var url = URI.create(text.replaceAll("/+$", ""));
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!http
                || url.getHost() == null
                || !url.getPath().isEmpty()
                || url.getQuery() != null
                || url.getUserInfo() != null
                || url.getFragment() != null) {
            throw new IllegalArgumentException("it must be like https://backup.example.org, without a path");
        }
        return url;
    }

    private static boolean selfSigned(String text) {
        return switch (text) {
            case "self-signed" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("it must be off or self-signed");
        };
    }

    private static List<Network> networks(String text) {
        return List.of(text.split(",")).stream()
                .map(String::strip)
                .map(Network::parse)
                .toList();
    }
}
