package io.resticfleet.agent.alarm;

import io.resticfleet.agent.policy.OwnersAlarm;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tells the owner: starts a program, and posts to an address. Each takes a minute at most. */
final class AlarmSender {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final System.Logger log = System.getLogger(AlarmSender.class.getName());

    private final HttpClient client;

    AlarmSender(HttpClient client) {
        this.client = client;
    }

    /** Tries all ways. @throws IOException if none worked */
    void send(OwnersAlarm alarm, AlarmState state, String text) throws IOException, InterruptedException {
        var ways = new ArrayList<Way>();
        if (!alarm.command().isEmpty()) {
            ways.add(() -> run(alarm, state, text));
        }
        alarm.url().ifPresent(url -> ways.add(() -> post(url, text)));
        var failures = new ArrayList<String>();
        for (var way : ways) {
            try {
                way.tell();
            } catch (IOException | RuntimeException e) {
                failures.add(e.getMessage());
            }
        }
        if (failures.size() == ways.size()) {
            throw new IOException(String.join("; ", failures));
        }
        failures.forEach(failure -> log.log(Level.ERROR, "the owner was told in another way: " + failure));
    }

    private interface Way {
        void tell() throws IOException, InterruptedException;
    }

    private static void run(OwnersAlarm alarm, AlarmState state, String text) throws IOException, InterruptedException {
        var problem = alarm.problem();
        if (problem.isPresent()) {
            throw new IOException("alert_command must not run: " + problem.get());
        }
        var builder = new ProcessBuilder(alarm.command())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        SEARCH_PATH,
                        "HOME",
                        System.getProperty("user.home"),
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
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
        var answer = client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        int status;
        try {
            status = answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS).statusCode();
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the alert_url cannot be reached, or does not answer in time", e);
        } finally {
            answer.cancel(true);
        }
        if (status < 200 || status > 299) {
            throw new IOException("the alert_url answers HTTP " + status);
        }
    }
}
