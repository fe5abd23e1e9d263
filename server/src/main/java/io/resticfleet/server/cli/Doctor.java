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

/** Looks for what could keep the server from working; changes nothing. */
public final class Doctor {

    private static final long LEAST_FREE_MIB = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Instant BUILT_AFTER = Instant.parse("2026-01-01T00:00:00Z");

    private final ServerConfig config;
    private final String version;
    private final InstantSource clock;
    private final PrintStream out;
    private boolean well = true;

    /** @param version of this program */
    public Doctor(ServerConfig config, String version, InstantSource clock, PrintStream out) {
        this.config = config;
        this.version = version;
        this.clock = clock;
        this.out = out;
    }

    /** What is found; throws {@link OperatorError} or {@link IOException} for a problem. */
    private interface Check {
        String look() throws IOException, InterruptedException;
    }

    /** Prints a line for each thing looked at; returns whether all is well. */
    public boolean run() {
        runBeforeStart();
        check("public URL", this::publicUrl);
        return well;
    }

    /** As {@link #run}, of a server that is yet to start: what runs now, perhaps an older one, is not asked who it is. */
    boolean runBeforeStart() {
        check("data directory", this::dataDirectory);
        check("database", this::database);
        check("copies", this::copies);
        check("key file", this::keyFile);
        check("address", this::address);
        check("TLS", this::tls);
        check("agent", Doctor::agent);
        check("clock", this::clock);
        return well;
    }

    private void check(String what, Check check) {
        try {
            out.println("OK      " + what + ": " + check.look());
        } catch (OperatorError | StorageRefused | IOException e) {
            well = false;
            out.println("PROBLEM " + what + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String dataDirectory() throws IOException {
        var directory = config.dataDir();
        if (!Files.exists(directory)) {
            return directory + " is not there yet; the server makes it";
        }
        if (!Files.isDirectory(directory)) {
            throw new OperatorError(directory + " is not a directory");
        }
        if (Files.getPosixFilePermissions(directory).stream()
                .anyMatch(permission -> !permission.name().startsWith("OWNER"))) {
            throw new OperatorError("others may look into " + directory + ": chmod 700 it");
        }
        try {
            Files.delete(Files.createTempFile(directory, "doctor", ""));
        } catch (IOException e) {
            throw new OperatorError("cannot write into " + directory, e);
        }
        long free = Files.getFileStore(directory).getUsableSpace() / (1024 * 1024);
        if (free < LEAST_FREE_MIB) {
            throw new OperatorError("only " + free + " MiB are free in " + directory);
        }
        return directory + " can be written, " + free + " MiB free";
    }

    private boolean hasDatabase() {
        return Files.exists(DatabaseFile.in(config.dataDir()));
    }

    private String database() {
        var file = DatabaseFile.in(config.dataDir());
        if (!hasDatabase()) {
            return "none yet; the server makes it";
        }
        try {
            Migrations.check(file);
        } catch (OperatorError e) {
            throw new OperatorError(
                    e.getMessage() + "; a damaged one is replaced by the newest copy in "
                            + file.resolveSibling("backups") + ": stop the server, then use the command restore FILE",
                    e);
        }
        return file + " is whole"
                + (new Migrations(file, clock).isCurrent() ? "" : "; older, the next start brings it up to date");
    }

    private String copies() {
        return DatabaseCopies.newest(config.dataDir())
                .map(at -> "the newest the server made of its database is of " + at)
                .orElse("none yet; the server makes one an hour");
    }

    private String keyFile() throws IOException {
        if (!hasDatabase() || !new Migrations(DatabaseFile.in(config.dataDir()), clock).isCurrent()) {
            return config.secretKeyFile() + (Files.exists(config.secretKeyFile()) ? " is there" : " is not there yet");
        }
        int secrets;
        try (var db = Database.openBeside(config.dataDir(), clock)) {
            secrets = SecretKeyCheck.checkAll(config, db);
        }
        if (Files.exists(config.secretKeyFile())
                && Files.getPosixFilePermissions(config.secretKeyFile()).stream()
                        .anyMatch(permission -> permission.name().startsWith("OTHERS"))) {
            throw new OperatorError(config.secretKeyFile() + " can be read by others: chmod 600 it");
        }
        return secrets == 0 ? "no secrets yet" : config.secretKeyFile() + " opens all " + secrets + " secrets";
    }

    private String address() throws IOException, InterruptedException {
        var listen = config.listen();
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(listen.host(), listen.port()));
            return listen + (listen.port() == 0 ? ": any port" : " is free");
        } catch (IOException e) {
            if (serverAnswers()) {
                return listen + ": the server is running";
            }
            throw new OperatorError(
                    "cannot listen on " + listen + ", and no server answers there: " + e.getMessage(), e);
        }
    }

    /** By which people and agents come; other servers answer there, too, if names or proxies are wrong. */
    private String publicUrl() throws IOException, InterruptedException {
        if (config.publicUrl().isEmpty()) {
            return "derived from each request; behind a proxy, set RESTIC_FLEET_PUBLIC_URL";
        }
        var url = config.publicUrl().get();
        if (!isHeld()) {
            return url + ": the server does not run, so nothing was asked there";
        }
        try {
            return isThisServer(
                    url, HttpClient.newBuilder().connectTimeout(PATIENCE).build());
        } catch (SSLException e) {
            return isThisServerByItsKey(url, e) + "; no authority vouches for its certificate, so agents need --pin";
        } catch (IOException e) {
            throw new OperatorError(
                    url + " cannot be reached from here (" + e + "); look at name, firewall and proxy", e);
        }
    }

    private String isThisServerByItsKey(URI url, SSLException distrust) throws IOException, InterruptedException {
        if (config.tls().isEmpty()) {
            throw new OperatorError(
                    url + " shows a certificate that cannot be trusted: " + distrust.getMessage(), distrust);
        }
        try {
            var pin = Tls.keyPin(config.tls().get());
            var context = PinnedTrustManager.context(certificate -> {
                if (!Pin.of(certificate).equals(pin)) {
                    throw new CertificateException("its key has the pin " + Pin.of(certificate));
                }
            });
            return isThisServer(
                    url,
                    HttpClient.newBuilder()
                            .sslContext(context)
                            .connectTimeout(PATIENCE)
                            .build());
        } catch (SSLException e) {
            throw new OperatorError(
                    url + " is not this server: " + e.getMessage() + "; look at the name, and at the proxy before it",
                    e);
        }
    }

    private String isThisServer(URI url, HttpClient client) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve("/api/version"))
                .timeout(PATIENCE)
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains("\"" + version + "\"")) {
            throw new OperatorError(url + " answers HTTP " + answer.statusCode() + " and is not this server, which is "
                    + version + "; look at the name, and at the proxy before it");
        }
        return url + " answers as this server does";
    }

    private boolean serverAnswers() throws InterruptedException {
        if (config.tls().isPresent()) {
            return isHeld(); // its certificate need not be for this address
        }
        var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
        var request = HttpRequest.newBuilder(URI.create("http://" + config.listen() + "/healthz"))
                .timeout(Duration.ofSeconds(3))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isHeld() {
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
            return "the server makes " + files.certificate() + " when it starts";
        }
        try {
            var certificate = (X509Certificate) Tls.keyStore(files).getCertificate("server");
            var end = certificate.getNotAfter().toInstant();
            if (!end.isAfter(clock.instant())) {
                throw new OperatorError("the certificate has expired at " + end
                        + (own ? "; it is made anew, with the same key, when the server starts" : ""));
            }
            if (own && SelfSignedCertificate.isOpen(files.key())) {
                throw new OperatorError(files.key() + " can be read by others: chmod 600 it");
            }
            return "the certificate" + (own ? " that the server made for itself" : "") + " holds until " + end
                    + "; the pin of its key is " + Tls.keyPin(files)
                    + files.nextPin().map(pin -> ", that of the next " + pin).orElse("");
        } catch (KeyStoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String agent() {
        if (Doctor.class.getResource(Protocol.AGENT_JAR_PATH) == null) {
            throw new OperatorError("this jar was built without the agent; machines cannot install it from here");
        }
        return "inside, to be handed to machines";
    }

    private String clock() {
        var now = clock.instant();
        var newest = newestEntry().filter(entry -> entry.isAfter(now));
        if (now.isBefore(BUILT_AFTER) || newest.isPresent()) {
            throw new OperatorError("it is " + now + " by this machine's clock, but "
                    + newest.map(entry -> "something was done at " + entry).orElse("this program is newer"));
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
