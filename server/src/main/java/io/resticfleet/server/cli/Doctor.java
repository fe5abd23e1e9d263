package io.resticfleet.server.cli;

import io.resticfleet.pin.Pin;
import io.resticfleet.pin.PinnedTrustManager;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.Migrations;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.tls.SelfSignedCertificate;
import io.resticfleet.server.tls.Tls;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.KeyStoreException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Checks for problems that would keep the server from working; changes nothing. */
public final class Doctor {

    private static final long MIN_FREE_MIB = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final Instant BUILT_AFTER = Instant.parse("2026-01-01T00:00:00Z");

    private final ServerConfig config;
    private final String version;
    private final InstantSource clock;
    private final PrintStream out;
    private boolean healthy = true;

    /** @param version of this program */
    public Doctor(ServerConfig config, String version, InstantSource clock, PrintStream out) {
        this.config = config;
        this.version = version;
        this.clock = clock;
        this.out = out;
    }

    private interface Check {
        /**
         * Returns the finding.
         *
         * @throws OperatorError for a problem; so is an {@link IOException}
         */
        String run() throws IOException, InterruptedException;
    }

    /** Prints a line for each check; returns whether there is no problem. */
    public boolean run() {
        check("data directory", () -> {
            if (!Files.exists(config.dataDir())) {
                throw new OperatorError(
                        config.dataDir() + " does not exist; if a server has run on this machine, give its"
                                + " directory with --data-dir or RESTIC_FLEET_DATA_DIR");
            }
            return dataDirectory();
        });
        checkRest();
        check("public URL", this::publicUrl);
        return healthy;
    }

    /** As {@link #run}, for a server that has yet to start: an older one may answer at the public URL. */
    boolean runBeforeStart() {
        check("data directory", this::dataDirectory);
        checkRest();
        return healthy;
    }

    private void checkRest() {
        check("database", this::database);
        check("copies", this::copies);
        check("key file", this::keyFile);
        check("address", this::address);
        check("TLS", this::tls);
        check("agent", Doctor::agent);
        check("clock", this::clock);
    }

    private void check(String what, Check check) {
        try {
            out.println("OK      " + what + ": " + check.run());
        } catch (OperatorError | StorageRefused | IOException e) {
            healthy = false;
            out.println("PROBLEM " + what + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String dataDirectory() throws IOException {
        var directory = config.dataDir();
        if (!Files.exists(directory)) {
            return directory + " does not exist yet; the server creates it";
        }
        if (!Files.isDirectory(directory)) {
            throw new OperatorError(directory + " is not a directory");
        }
        if (Files.getPosixFilePermissions(directory).stream()
                .anyMatch(permission -> !permission.name().startsWith("OWNER"))) {
            throw new OperatorError("other users have access to " + directory + "; run chmod 700 on it");
        }
        try {
            Files.delete(Files.createTempFile(directory, "doctor", ""));
        } catch (IOException e) {
            throw new OperatorError("cannot write into " + directory, e);
        }
        long free = Files.getFileStore(directory).getUsableSpace() / (1024 * 1024);
        if (free < MIN_FREE_MIB) {
            throw new OperatorError("only " + free + " MiB are free in " + directory);
        }
        return directory + " is writable, " + free + " MiB free";
    }

    private boolean hasDatabase() {
        return Files.exists(DatabaseFile.in(config.dataDir()));
    }

    private String database() {
        var file = DatabaseFile.in(config.dataDir());
        if (!hasDatabase()) {
            return "none yet; the server creates it";
        }
        try {
            Migrations.check(file);
        } catch (OperatorError e) {
            throw new OperatorError(
                    e.getMessage() + "; if it is damaged, stop the server and run restore FILE with the newest copy in "
                            + file.resolveSibling("backups"),
                    e);
        }
        return file + " is intact"
                + (new Migrations(file, clock).isCurrent() ? "" : "; it is older, and the next start upgrades it");
    }

    private String copies() {
        return DatabaseCopies.newest(config.dataDir())
                .map(at -> "the newest copy of the database is from " + at)
                .orElse("none yet; the server copies its database every hour");
    }

    private String keyFile() throws IOException {
        if (!hasDatabase() || !new Migrations(DatabaseFile.in(config.dataDir()), clock).isCurrent()) {
            return config.secretKeyFile() + (Files.exists(config.secretKeyFile()) ? " exists" : " does not exist yet");
        }
        int secrets;
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            secrets = SecretKeyCheck.checkAll(config, db);
        }
        if (Files.exists(config.secretKeyFile())
                && Files.getPosixFilePermissions(config.secretKeyFile()).stream()
                        .anyMatch(permission -> permission.name().startsWith("OTHERS"))) {
            throw new OperatorError(config.secretKeyFile() + " can be read by other users; run chmod 600 on it");
        }
        return secrets == 0 ? "no secrets yet" : config.secretKeyFile() + " opens all " + secrets + " secrets";
    }

    private String address() throws IOException, InterruptedException {
        var listen = config.listen();
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(listen.host(), listen.port()));
            return listen + (listen.port() == 0 ? ": any free port" : " is free");
        } catch (IOException e) {
            if (serverAnswers()) {
                return listen + ": the server is running";
            }
            throw new OperatorError(
                    "cannot listen on " + listen + ", and no server answers there: " + e.getMessage(), e);
        }
    }

    /** The URL for users and agents. With a wrong name or proxy, another server answers there. */
    private String publicUrl() throws IOException, InterruptedException {
        if (config.publicUrl().isEmpty()) {
            return "derived from each request; behind a proxy, set RESTIC_FLEET_PUBLIC_URL";
        }
        var url = config.publicUrl().get();
        if (!isLocked()) {
            return url + ": not checked, as the server is not running";
        }
        try {
            return checkVersion(
                    url, HttpClient.newBuilder().connectTimeout(TIMEOUT).build());
        } catch (SSLException e) {
            return checkPinned(url, e) + "; its certificate is not from a trusted authority, so agents need --pin";
        } catch (IOException e) {
            throw new OperatorError(
                    url + " cannot be reached from here (" + e + "); check the name, the firewall and the proxy", e);
        }
    }

    private String checkPinned(URI url, SSLException distrust) throws IOException, InterruptedException {
        if (config.tls().isEmpty()) {
            throw new OperatorError(url + " has a certificate that is not trusted: " + distrust.getMessage(), distrust);
        }
        try {
            var pin = Tls.keyPin(config.tls().get());
            var context = PinnedTrustManager.context(certificate -> {
                if (!Pin.of(certificate).equals(pin)) {
                    throw new CertificateException("its key has the pin " + Pin.of(certificate));
                }
            });
            return checkVersion(
                    url,
                    HttpClient.newBuilder()
                            .sslContext(context)
                            .connectTimeout(TIMEOUT)
                            .build());
        } catch (SSLException e) {
            throw new OperatorError(
                    url + " is not this server: " + e.getMessage() + "; check the name and the proxy", e);
        }
    }

    private String checkVersion(URI url, HttpClient client) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve("/api/version"))
                .timeout(TIMEOUT)
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains("\"" + version + "\"")) {
            throw new OperatorError(url + " answers HTTP " + answer.statusCode() + " and is not this server, version "
                    + version + "; check the name and the proxy");
        }
        return url + " is this server";
    }

    private boolean serverAnswers() throws InterruptedException {
        if (config.tls().isPresent()) {
            return isLocked(); // its certificate need not be valid for this address
        }
        var client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        var request = HttpRequest.newBuilder(URI.create("http://" + config.listen() + "/healthz"))
                .timeout(TIMEOUT)
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a running server has locked the database. */
    private boolean isLocked() {
        if (!hasDatabase()) {
            return false;
        }
        try {
            DatabaseFile.hold(config.dataDir()).close();
            return false;
        } catch (OperatorError | IOException e) {
            return true;
        }
    }

    private String tls() throws IOException {
        if (config.tls().isEmpty()) {
            return "off";
        }
        var files = config.tls().get();
        boolean own = files.maker() == ServerConfig.TlsFiles.Maker.THIS_SERVER;
        if (own && !Files.exists(files.key()) && !Files.exists(files.certificate())) {
            return "the server creates " + files.certificate() + " when it starts";
        }
        try {
            var certificate = (X509Certificate) Tls.keyStore(files).getCertificate("server");
            var end = certificate.getNotAfter().toInstant();
            if (!end.isAfter(clock.instant())) {
                throw new OperatorError("the certificate expired at " + end
                        + (own ? "; the server renews it, with the same key, when it starts" : ""));
            }
            if (own && SelfSignedCertificate.isOpen(files.key())) {
                throw new OperatorError(files.key() + " can be read by other users; run chmod 600 on it");
            }
            return "the " + (own ? "self-signed " : "") + "certificate is valid until " + end
                    + "; the pin of its key is " + Tls.keyPin(files)
                    + files.nextPin()
                            .map(pin -> ", that of the next key " + pin)
                            .orElse("");
        } catch (KeyStoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String agent() {
        if (Doctor.class.getResource(Protocol.AGENT_JAR_PATH) == null) {
            throw new OperatorError("this jar was built without the agent, so machines cannot install it from here");
        }
        return "included in this jar";
    }

    private String clock() {
        var now = clock.instant();
        var newest = newestEntry().filter(entry -> entry.isAfter(now));
        if (now.isBefore(BUILT_AFTER) || newest.isPresent()) {
            throw new OperatorError("this machine's clock shows " + now + ", but "
                    + newest.map(entry -> "the audit log has an entry of " + entry)
                            .orElse("this program was built later"));
        }
        return now.toString();
    }

    private Optional<Instant> newestEntry() {
        if (!hasDatabase() || !new Migrations(DatabaseFile.in(config.dataDir()), clock).isCurrent()) {
            return Optional.empty();
        }
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            return db.read(Audit::newest);
        }
    }
}
