package io.resticfleet.server.page;

import io.resticfleet.server.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;

/** A browser without scripts: keeps cookies, follows redirects, and submits the forms of pages. */
public final class PageClient {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int MAX_REDIRECTS = 5;

    private final String server;
    private String origin;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    private PageClient(TestServer server) {
        this.server = server.url();
        this.origin = this.server;
    }

    /** With a session of anna's, in Berlin. */
    public static PageClient signedIn(TestServer server) {
        return signedIn(server, "Europe/Berlin");
    }

    /** With a session of anna's, in a time zone that the browser has reported. */
    public static PageClient signedIn(TestServer server, String zone) {
        var client = anonymous(server);
        client.cookies.put("rf_session", server.session());
        client.cookies.put("rf_zone", zone.replace("/", "%2F"));
        return client;
    }

    public static PageClient anonymous(TestServer server) {
        return new PageClient(server);
    }

    /** @param path with its query */
    public HtmlPage open(String path) throws IOException, InterruptedException {
        return follow("GET", path, "", Map.of());
    }

    /** @param headers beside those that browsers always send */
    HtmlPage post(String path, String form, Map<String, String> headers) throws IOException, InterruptedException {
        var all = new LinkedHashMap<>(headers);
        all.put("Content-Type", "application/x-www-form-urlencoded");
        all.put("Origin", origin);
        return follow("POST", path, form, all);
    }

    /** Names the server's public URL as the page's address. */
    public PageClient at(String publicUrl) {
        origin = publicUrl;
        return this;
    }

    private HtmlPage follow(String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        var at = path;
        var response = send(method, at, body, headers);
        for (int redirects = 0; redirects < MAX_REDIRECTS; redirects++) {
            var target = redirect(response);
            if (target.isEmpty()) {
                break;
            }
            at = target.get();
            response = send("GET", at, "", Map.of());
        }
        var source = response.body();
        return new HtmlPage(this, at, response.statusCode(), source, Jsoup.parse(source.replace("\r\n", "\n")));
    }

    private static Optional<String> redirect(HttpResponse<String> response) {
        return response.headers()
                .firstValue("HX-Redirect")
                .or(() -> response.headers().firstValue("Location").filter(any -> response.statusCode() / 100 == 3));
    }

    private HttpResponse<String> send(String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(Duration.ofSeconds(60))
                .header("Accept", "text/html")
                .header("Sec-Fetch-Site", "same-origin")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        headers.forEach(request::header);
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        var response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        response.headers().allValues("Set-Cookie").forEach(this::store);
        return response;
    }

    private void store(String setCookie) {
        var parts = setCookie.split(";")[0].split("=", 2);
        if (parts[1].isEmpty()) {
            cookies.remove(parts[0]);
        } else {
            cookies.put(parts[0], parts[1]);
        }
    }
}
