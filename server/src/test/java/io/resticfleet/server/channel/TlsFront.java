package io.resticfleet.server.channel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** TLS in front of a mail server without it: from the start, or after STARTTLS. */
final class TlsFront implements AutoCloseable {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final SSLContext tls;

    /** Whether STARTTLS was used. */
    volatile boolean upgraded;

    /** @param behind port of the mail server */
    TlsFront(SSLContext tls, int behind, Mail.Security security) throws IOException {
        this.tls = tls;
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    var client = server.accept();
                    threads.execute(() -> serve(client, behind, security));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    /** A key and a certificate of its own for a name, and the trust in it. */
    static SSLContext context(Path directory, String san) throws Exception {
        var file = directory.resolve(san.replaceAll("[^a-z0-9]", "") + ".p12");
        if (Files.notExists(file)) {
            var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
            var made = new ProcessBuilder(
                            keytool.toString(),
                            "-genkeypair",
                            "-alias",
                            "mail",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=mail",
                            "-ext",
                            "SAN=" + san,
                            "-keystore",
                            file.toString(),
                            "-storepass",
                            "changeit")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("keytool.log").toFile())
                    .start()
                    .waitFor();
            if (made != 0) {
                throw new AssertionError(Files.readString(directory.resolve("keytool.log")));
            }
        }
        var store = KeyStore.getInstance(file.toFile(), PASSWORD);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var trustedStore = KeyStore.getInstance(KeyStore.getDefaultType());
        trustedStore.load(null, null);
        trustedStore.setCertificateEntry("mail", store.getCertificate("mail"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trustedStore);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private void serve(Socket client, int behind, Mail.Security security) {
        try (var mail = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            var plain = security == Mail.Security.STARTTLS ? untilStartTls(client, mail) : client;
            var wrapped = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
            wrapped.setUseClientMode(false);
            wrapped.startHandshake();
            threads.execute(() -> pump(mail, wrapped));
            pump(wrapped, mail);
        } catch (IOException e) {
            // the client has gone
        }
    }

    private Socket untilStartTls(Socket client, Socket mail) throws IOException {
        var fromMail = new BufferedReader(new InputStreamReader(mail.getInputStream(), StandardCharsets.US_ASCII));
        var fromClient = client.getInputStream();
        say(client, fromMail.readLine());
        for (var line = line(fromClient); ; line = line(fromClient)) {
            if (line.equals("STARTTLS")) {
                say(client, "220 go ahead");
                upgraded = true;
                return client;
            }
            say(mail, line);
            var reply = fromMail.readLine();
            say(client, line.startsWith("EHLO") ? withStartTls(reply) : reply);
            while (reply.charAt(3) == '-') {
                reply = fromMail.readLine();
                say(client, reply);
            }
        }
    }

    /** After the first line, which names the server. */
    private static String withStartTls(String first) {
        return "250-" + first.substring(4) + "\r\n" + first.substring(0, 4) + "STARTTLS";
    }

    /** Byte by byte: what follows is TLS. */
    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private static void say(Socket to, String line) throws IOException {
        to.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException e) {
            // one of both has gone
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}
