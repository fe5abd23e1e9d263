package io.resticfleet.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls the API of one server, as programs do. Safe for use by several threads. */
public final class ApiClient {

    private static final ObjectMapper JSON = Wire.builder().build();
    private static final HttpClient CLIENT = AnyCertificate.client();

    private final String url;
    private final String token;

    /**
     * @param url of the server, without a slash at the end
     * @param token an API token, for the methods that authenticate
     */
    ApiClient(String url, String token) {
        this.url = url;
        this.token = token;
    }

    /** Creates the user {@code anna} with the bootstrap token. */
    static void bootstrap(String url, String bootstrapToken) throws Exception {
        var anna = Map.of("token", bootstrapToken, "username", "anna", "password", "correct horse");
        new ApiClient(url, "").request("POST", "/api/bootstrap", json(anna));
    }

    /** Signs anna in; the cookie. */
    static String login(String url) throws Exception {
        var anna = json(Map.of("username", "anna", "password", "correct horse"));
        return new ApiClient(url, "")
                .request("POST", "/api/auth/login", anna)
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .split(";")[0];
    }

    /** Signs anna in and creates an API token; a client with this token. */
    static ApiClient signedIn(String url) throws Exception {
        var token = new ApiClient(url, "")
                .request("POST", "/api/tokens", json(Map.of("name", "tests")), "Cookie", login(url), "Origin", url)
                .at("/token");
        return new ApiClient(url, token);
    }

    public String token() {
        return token;
    }

    public ApiResponse get(String path, String... headers) throws Exception {
        return authenticated("GET", path, "", headers);
    }

    public ApiResponse post(String path, Object body, String... headers) throws Exception {
        return authenticated("POST", path, json(body), headers);
    }

    public ApiResponse put(String path, Object body) throws Exception {
        return authenticated("PUT", path, json(body));
    }

    public ApiResponse patch(String path, Object body) throws Exception {
        return authenticated("PATCH", path, json(body));
    }

    public ApiResponse delete(String path) throws Exception {
        return authenticated("DELETE", path, "");
    }

    private ApiResponse authenticated(String method, String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", "Bearer " + token));
        return request(method, path, body, all.toArray(String[]::new));
    }

    /**
     * Sends no credentials but those in the headers.
     *
     * @param headers names and values in turn
     */
    public ApiResponse request(String method, String path, String body, String... headers) throws Exception {
        return request(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Posts bytes that may be no text. */
    public ApiResponse postBytes(String path, byte[] body) throws Exception {
        return request("POST", path, body, "Authorization", "Bearer " + token);
    }

    private ApiResponse request(String method, String path, byte[] body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return ApiResponse.of(CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    /** The status for a request line that no client library would send. */
    public int status(String rawPath) throws IOException {
        return Integer.parseInt(raw("GET " + rawPath + " HTTP/1.1").split(" ")[1]);
    }

    /**
     * The whole response to a request that no client library would send.
     *
     * @param requestLine with a method of its own
     * @param rest further header lines, and after an empty one the body
     */
    public String raw(String requestLine, String... rest) throws IOException {
        try (var socket = connect()) {
            var lines = new ArrayList<>(List.of(
                    requestLine,
                    "Host: " + URI.create(url).getAuthority(),
                    "Authorization: Bearer " + token,
                    "Connection: close"));
            lines.addAll(List.of(rest));
            var request = String.join("\r\n", lines) + (lines.contains("") ? "" : "\r\n\r\n");
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A connection on which nothing was sent yet; without TLS. */
    public Socket connect() throws IOException {
        var server = URI.create(url);
        return new Socket(server.getHost(), server.getPort());
    }

    /** A string as it is, anything else as JSON. */
    public static String json(Object body) throws IOException {
        return body instanceof String text ? text : JSON.writeValueAsString(body);
    }
}
