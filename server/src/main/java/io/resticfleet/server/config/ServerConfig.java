package io.resticfleet.server.config;

import io.resticfleet.pin.Pin;
import io.resticfleet.program.Setting;
import io.resticfleet.program.SettingsReader;
import io.resticfleet.server.web.LocalPrograms;
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
 * The server's settings, read once at start.
 *
 * @param listen address and port; port 0 for any free one
 * @param dataDir database, its copies and small files; created if absent
 * @param publicUrl URL for people and agents; if absent, derived from requests
 * @param bootstrapToken authorizes the creation of the first user; if absent, one is generated
 * @param secretKeyFile decrypts the repository passwords in the database; created if absent and nothing is encrypted yet
 * @param trustedProxies networks whose {@code X-Forwarded-…} headers are trusted
 * @param tls absent for plain HTTP
 * @param hstsSeconds for {@code Strict-Transport-Security}; absent for none
 * @param localPrograms whether programs on this machine may read the metrics without a token
 * @param passphraseFile passphrase for the keys in a backup; if absent, the user is prompted
 * @param quota what each host may add in a day
 * @param unusual what makes a backup unusual
 * @param indexBytes size of the index of snapshots' files; 0 for none
 * @param given the settings that were set, by environment variable, without secrets and without those that are specific
 *     to this machine
 */
public record ServerConfig(
        ListenAddress listen,
        Path dataDir,
        Optional<URI> publicUrl,
        Optional<String> bootstrapToken,
        Path secretKeyFile,
        List<Network> trustedProxies,
        Optional<TlsFiles> tls,
        Optional<Long> hstsSeconds,
        LocalPrograms localPrograms,
        Optional<Path> passphraseFile,
        Quota quota,
        UnusualBackup unusual,
        long indexBytes,
        Map<String, String> given) {

    /**
     * The PEM files of a certificate with its chain, and of its key.
     *
     * @param nextPin SHA-256 of the public key that will replace this one, in lower-case hexadecimal
     */
    public record TlsFiles(Path certificate, Path key, Maker maker, Optional<Pin> nextPin) {

        /** Who created the files. */
        public enum Maker {
            OPERATOR,
            THIS_SERVER
        }
    }

    private static final Setting LISTEN = new Setting(
            "RESTIC_FLEET_LISTEN", "--listen", "127.0.0.1:8080", "address:port to listen on; port 0 for any free port");
    public static final Setting DATA_DIR = new Setting(
            "RESTIC_FLEET_DATA_DIR", "--data-dir", "./data", "directory for the database; created if absent");
    private static final Setting PUBLIC_URL = new Setting(
            "RESTIC_FLEET_PUBLIC_URL",
            "--public-url",
            "derived",
            "URL of this server for people and agents; required behind a proxy that terminates TLS");
    private static final Setting BOOTSTRAP_TOKEN = new Setting(
            "RESTIC_FLEET_BOOTSTRAP_TOKEN",
            "--bootstrap-token",
            "generated",
            "one-time secret for creating the first user; a generated one is printed, and kept in"
                    + " <data-dir>/bootstrap-token until used");
    private static final Setting SECRET_KEY_FILE = new Setting(
            "RESTIC_FLEET_SECRET_KEY_FILE",
            "--secret-key-file",
            "<data-dir>/secret.key",
            "file with the key that encrypts the repository passwords in the database; created if absent; keep a copy");
    private static final Setting TRUSTED_PROXIES = new Setting(
            "RESTIC_FLEET_TRUSTED_PROXIES",
            "--trusted-proxies",
            "none",
            "comma-separated IP addresses and CIDR networks of proxies whose X-Forwarded-For and X-Forwarded-Proto"
                    + " headers are trusted");
    private static final Setting TLS = new Setting(
            "RESTIC_FLEET_TLS",
            "--tls",
            "off",
            "self-signed: serve HTTPS with a key and a certificate that the server generates, kept in"
                    + " <data-dir>/tls.key and <data-dir>/tls.pem");
    private static final Setting TLS_CERT = new Setting(
            "RESTIC_FLEET_TLS_CERT",
            "--tls-cert",
            "off",
            "PEM file with the certificate and its chain; turns on HTTPS");
    private static final Setting TLS_KEY = new Setting(
            "RESTIC_FLEET_TLS_KEY", "--tls-key", "off", "PEM file with the certificate's key (PKCS#8, not encrypted)");
    private static final Setting TLS_NEXT_PIN = new Setting(
            "RESTIC_FLEET_TLS_NEXT_PIN",
            "--tls-next-pin",
            "none",
            "SHA-256 of the next public key for HTTPS; sent to agents that have a pin, so that they trust it too");

    private static final Setting HSTS = new Setting(
            "RESTIC_FLEET_HSTS",
            "--hsts",
            "off",
            "for how many seconds browsers use HTTPS only (Strict-Transport-Security), such as 31536000; applies to every"
                    + " service of this host name, on all ports");

    private static final Setting METRICS_LOOPBACK = new Setting(
            "RESTIC_FLEET_METRICS_LOOPBACK",
            "--metrics-loopback",
            "off",
            "on: programs on this machine read /metrics without a token; keep it off behind a proxy on this machine that sends"
                    + " no X-Forwarded-For");

    private static final Setting PASSPHRASE_FILE = new Setting(
            "RESTIC_FLEET_PASSPHRASE_FILE",
            "--passphrase-file",
            "prompt",
            "file whose first line is the passphrase for the keys in a backup; for the commands backup and restore");

    private static final Setting JOBS_PER_DAY = new Setting(
            "RESTIC_FLEET_JOBS_PER_DAY",
            "--jobs-per-day",
            "2000",
            "jobs that each machine may report in a day (UTC), besides the runs for due times of its schedules; more are"
                    + " acknowledged and counted, but not stored");
    private static final Setting LOG_MB_PER_DAY = new Setting(
            "RESTIC_FLEET_LOG_MB_PER_DAY",
            "--log-mb-per-day",
            "200",
            "MiB of logs that are stored of each machine in a day (UTC); more are dropped with a marker");

    private static final Setting UNUSUAL_LOSS = new Setting(
            "RESTIC_FLEET_UNUSUAL_LOSS",
            "--unusual-loss",
            "50",
            "per cent of the files or bytes of the backups before that one may lack; after more, no snapshots of its schedule are"
                    + " removed until somebody accepts it");
    private static final Setting UNUSUAL_DATA_MB = new Setting(
            "RESTIC_FLEET_UNUSUAL_DATA_MB",
            "--unusual-data-mb",
            "1024",
            "MiB of new data that a backup may add without their compressing where earlier data did; after more, and a tenth of"
                    + " the whole, no snapshots of its schedule are removed until somebody accepts it");

    private static final Setting INDEX_SIZE = new Setting(
            "RESTIC_FLEET_INDEX_SIZE",
            "--index-size",
            "2048",
            "MiB that the index of all files in snapshots may take in the data directory; when it is full, the files of the"
                    + " oldest snapshots are forgotten; 0 for no index");

    /** In the order of {@code --help} and of docs/settings.md. */
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
            HSTS,
            METRICS_LOOPBACK,
            JOBS_PER_DAY,
            LOG_MB_PER_DAY,
            UNUSUAL_LOSS,
            UNUSUAL_DATA_MB,
            INDEX_SIZE,
            PASSPHRASE_FILE);

    /** Settings of the agent, which may be in the environment on a machine that runs both. */
    private static final Set<String> AGENT_SETTINGS = Set.of(
            "RESTIC_FLEET_RESTIC", "RESTIC_FLEET_ALLOW_HOOKS", "RESTIC_FLEET_ALLOW_UPGRADES", "RESTIC_FLEET_POLICY");

    private static final Set<Setting> MACHINE_SPECIFIC = Set.of(DATA_DIR, PASSPHRASE_FILE);

    public ServerConfig {
        trustedProxies = List.copyOf(trustedProxies);
        given = Map.copyOf(given);
    }

    /**
     * Reads settings from flags and the environment. A flag takes precedence; blank counts as absent.
     *
     * @param flags by name, such as {@code --listen}
     * @throws IllegalArgumentException with a message for the operator that lists every invalid setting, one per line
     */
    public static ServerConfig from(Map<String, String> environment, Map<String, String> flags) {
        var reader = new SettingsReader(SETTINGS, environment, flags, AGENT_SETTINGS);
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
            reader.addError(
                    "RESTIC_FLEET_TLS and RESTIC_FLEET_TLS_CERT exclude each other: to use your own certificate,"
                            + " leave RESTIC_FLEET_TLS out");
        }
        if (nextPin.isPresent() && !selfSigned && certificate.isEmpty()) {
            reader.addError("RESTIC_FLEET_TLS_NEXT_PIN requires RESTIC_FLEET_TLS or RESTIC_FLEET_TLS_CERT");
        }
        var hsts = reader.find(HSTS, ServerConfig::seconds).flatMap(value -> value);
        var localPrograms = reader.get(METRICS_LOOPBACK, ServerConfig::localPrograms);
        var jobsPerDay = reader.get(JOBS_PER_DAY, ServerConfig::quantity);
        var logMbPerDay = reader.get(LOG_MB_PER_DAY, ServerConfig::quantity);
        var unusualLoss = reader.get(UNUSUAL_LOSS, ServerConfig::percent);
        var unusualDataMb = reader.get(UNUSUAL_DATA_MB, ServerConfig::quantity);
        var indexSize = reader.get(INDEX_SIZE, ServerConfig::quantityOrNone);
        var passphraseFile = reader.find(PASSPHRASE_FILE, Path::of);
        if (reader.isSet(TLS_CERT) != reader.isSet(TLS_KEY)) {
            reader.addError("RESTIC_FLEET_TLS_CERT and RESTIC_FLEET_TLS_KEY belong together: set both or neither");
        }
        reader.throwIfInvalid();
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
                hsts,
                localPrograms.get(),
                passphraseFile,
                new Quota(jobsPerDay.get(), logMbPerDay.get() * 1_048_576),
                new UnusualBackup(unusualLoss.get(), unusualDataMb.get() * 1_048_576),
                indexSize.get() * 1_048_576,
                reader.given(setting -> !setting.isSecret() && !MACHINE_SPECIFIC.contains(setting)));
    }

    /** The URL and the proxies by which clients reach this server. */
    public Site site() {
        return new Site(publicUrl, trustedProxies, hstsSeconds);
    }

    /** Whether only this machine reaches the server, as far as the settings show. */
    public boolean loopbackOnly() {
        return publicUrl.isEmpty()
                && (listen.host().equals("localhost")
                        || listen.host().startsWith("127.")
                        || listen.host().equals("::1"));
    }

    /** The settings as {@code --help} prints them. */
    public static String help() {
        return SETTINGS.stream()
                .map(setting -> "  %-19s %s%n  %-19s $%s, default %s%n"
                        .formatted(setting.flag(), setting.meaning(), "", setting.name(), setting.fallback()))
                .collect(Collectors.joining());
    }

    /** The effective settings for the log, including those that are off; secrets are masked. */
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

    private static LocalPrograms localPrograms(String text) {
        return switch (text) {
            case "on" -> LocalPrograms.NEED_NONE;
            case "off" -> LocalPrograms.NEED_CREDENTIALS;
            default -> throw new IllegalArgumentException("it must be on or off");
        };
    }

    private static long quantity(String text) {
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("it must be a whole number from 1 to 999999999");
        }
        return Long.parseLong(text);
    }

    private static long quantityOrNone(String text) {
        return text.equals("0") ? 0 : quantity(text);
    }

    private static long percent(String text) {
        if (!text.matches("[1-9][0-9]?|100")) {
            throw new IllegalArgumentException("it must be a whole number from 1 to 100");
        }
        return Long.parseLong(text);
    }

    /** Empty for {@code off}. */
    private static Optional<Long> seconds(String text) {
        if (text.equals("off")) {
            return Optional.empty();
        }
        if (!text.matches("[0-9]{1,10}")) {
            throw new IllegalArgumentException("it must be off or a number of seconds");
        }
        return Optional.of(Long.valueOf(text));
    }

    private static List<Network> networks(String text) {
        return List.of(text.split(",")).stream()
                .map(String::strip)
                .map(Network::parse)
                .toList();
    }
}
