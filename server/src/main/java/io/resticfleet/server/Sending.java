package io.resticfleet.server;

import io.resticfleet.server.channel.HttpSender;
import io.resticfleet.server.channel.NetworkSender;
import io.resticfleet.server.channel.Sender;
import io.resticfleet.server.config.ServerVersion;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * How messages leave the server.
 *
 * @param fast threads for channels that work
 * @param slow threads for channels that fail
 */
record Sending(HttpSender http, Sender sender, ExecutorService fast, ExecutorService slow) implements AutoCloseable {

    /** How long the end of what is being sent is waited for. */
    private static final Duration MAX_END = Duration.ofSeconds(5);

    /** Over the network, which is first used for the first message. */
    static Sending overNetwork(InstantSource clock) {
        var tls = trusted();
        var http = new HttpSender("restic-fleet/" + ServerVersion.text(), tls);
        return new Sending(http, new NetworkSender(http, tls, clock), threads("sending"), threads("sending-slowly"));
    }

    /** Java's own certificates of authorities. */
    private static SSLContext trusted() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Two threads, made when they are needed first. */
    private static ExecutorService threads(String name) {
        return Executors.newFixedThreadPool(2, task -> {
            var made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    @Override
    public void close() {
        sender.close();
        http.close();
        var threads = List.of(fast, slow);
        threads.forEach(ExecutorService::shutdownNow);
        try {
            for (var each : threads) {
                each.awaitTermination(MAX_END.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
