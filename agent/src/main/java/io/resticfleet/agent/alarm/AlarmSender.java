package io.resticfleet.agent.alarm;

import io.resticfleet.agent.policy.OwnersAlarm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Tells the owner: starts a program, and posts to an address. Each takes a minute at most. */
final class AlarmSender {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final HttpClient client;

    AlarmSender(HttpClient client) {
        this.client = client;
    }

    /** @throws IOException if any of the ways failed */
    void send(OwnersAlarm alarm, AlarmState state, String text) throws IOException, InterruptedException {
        var problem = alarm.problem();
        if (problem.isPresent()) {
            throw new IOException("alert_command must not run: " + problem.get());
        }
        if (!alarm.command().isEmpty()) {
            run(alarm.command(), state, text);
        }
        if (alarm.url().isPresent()) {
            post(alarm.url().get(), text);
        }
    }

    private static void run(List<String> command, AlarmState state, String text)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        SEARCH_PATH,
                        "LANG",
                        "C.UTF-8",
                        "RESTIC_FLEET_ALERT_STATE",
                        state.word(),
                        "RESTIC_FLEET_ALERT_TEXT",
                        text));
        var process = builder.start();
        try {
            try (var input = process.getOutputStream()) {
                input.write((text + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // it reads no input; its exit code counts
            }
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("alert_command did not end within " + LIMIT.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("alert_command failed with exit code " + process.exitValue());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private void post(URI url, String text) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url)
                .timeout(LIMIT)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
        int status =
                client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status < 200 || status > 299) {
            throw new IOException("the alert_url answers HTTP " + status);
        }
    }
}
