package io.resticfleet.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** An open dashboard: sends the requests of the page's script, without a browser, which would use the processor. */
final class OpenDashboard implements AutoCloseable {

    private static final Pattern SHOWN = Pattern.compile("id=\"([^\"]+)\" data-v=\"([^\"]*)\"");
    private static final Pattern NEWS = Pattern.compile("\"([^\"]+)\":\"([^\"]*)\"");

    private final String url;
    private final String cookie;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> shown = new ConcurrentHashMap<>();
    private final Thread reader = new Thread(this::follow, "dashboard");
    final AtomicLong fetches = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    private volatile boolean closed;

    OpenDashboard(String url, String session) throws Exception {
        this.url = url;
        this.cookie = "rf_session=" + session + "; rf_zone=Europe%2FBerlin";
        shown.putAll(versions(fetch("/")));
        reader.setDaemon(true);
        reader.start();
    }

    private void follow() {
        while (!closed) {
            try (var lines = stream(String.join(".", shown.keySet()))) {
                boolean same = true;
                for (var line = lines.iterator(); same && !closed && line.hasNext(); ) {
                    same = !changesParts(line.next());
                }
            } catch (Exception e) {
                if (!closed) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** Fetches the changed fragments; returns whether the page then has other fragments, and needs a new stream. */
    private boolean changesParts(String line) throws Exception {
        var stale = new TreeMap<String, String>();
        for (var match = NEWS.matcher(line); match.find(); ) {
            if (!match.group(2).equals(shown.get(match.group(1)))) {
                stale.put(match.group(1), match.group(2));
            }
        }
        if (stale.isEmpty()) {
            return false;
        }
        var before = Set.copyOf(shown.keySet());
        long cards = before.stream().filter(id -> id.startsWith("host-")).count();
        var fresh = versions(fetch("/?_fragments=" + encode(String.join(".", stale.keySet())) + "&_called=" + cards));
        if (fresh.containsKey("hosts")) {
            shown.keySet().removeIf(id -> id.startsWith("host-"));
        }
        shown.putAll(fresh);
        return !shown.keySet().equals(before);
    }

    private static Map<String, String> versions(String html) {
        var versions = new TreeMap<String, String>();
        for (var match = SHOWN.matcher(html); match.find(); ) {
            versions.put(match.group(1), match.group(2));
        }
        return versions;
    }

    private Stream<String> stream(String ids) throws IOException, InterruptedException {
        return client.send(request("/?_live=" + encode(ids)).build(), HttpResponse.BodyHandlers.ofLines())
                .body();
    }

    private String fetch(String path) throws Exception {
        fetches.incrementAndGet();
        var answer = client.send(
                request(path).header("Accept-Encoding", "gzip").build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode());
        }
        bytes.addAndGet(answer.body().length);
        if (answer.headers().firstValue("Content-Encoding").isEmpty()) {
            return new String(answer.body(), StandardCharsets.UTF_8);
        }
        try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).header("Cookie", cookie);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
    }
}
