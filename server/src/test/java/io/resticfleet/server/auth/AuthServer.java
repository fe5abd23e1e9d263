package io.resticfleet.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.json.JavalinJackson;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.Directories;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.audit.AuditRoutes;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.LocalPrograms;
import io.resticfleet.server.web.Network;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The door of the server with little behind it: on a free port, over an empty database, for one test. */
final class AuthServer implements BeforeEachCallback, AfterEachCallback {

    static final String PASSWORD = "correct horse battery";

    private static final ObjectMapper JSON = Wire.builder().build();

    /** The server's clock; assign to let time pass. */
    volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

    /** Messages to the operator at start. */
    final List<String> announced = new ArrayList<>();

    private final Optional<URI> publicUrl;
    private final List<Network> trustedProxies;
    private final HttpClient client = HttpClient.newHttpClient();
    private Path directory;
    private Database db;
    private Javalin http;

    AuthServer() {
        this(Optional.empty(), List.of());
    }

    AuthServer(Optional<URI> publicUrl, List<Network> trustedProxies) {
        this.publicUrl = publicUrl;
        this.trustedProxies = trustedProxies;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("auth");
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        stop();
        Directories.delete(directory);
    }

    void restart() {
        stop();
        start();
    }

    private void stop() {
        http.stop();
        db.close();
    }

    private void start() {
        db = Database.open(directory, () -> now);
        var site = new Site(publicUrl, trustedProxies, Optional.of(300L));
        var audit = new Audit(db, () -> now);
        var users = new Users(db, audit, () -> now);
        var sessions = new Sessions(db, audit, () -> now);
        var tokens = new ApiTokens(db, audit, () -> now);
        var signIn = new SignIn(db, audit, users, sessions, () -> now);
        var bootstrap = Bootstrap.open(directory, Optional.empty(), users, () -> now, announced::add);
        http = Javalin.create(javalin -> {
            javalin.startup.showJavalinBanner = false;
            javalin.startup.startupWatcherEnabled = false;
            javalin.jsonMapper(new JavalinJackson(Wire.builder().build(), false));
            Problem.install(javalin.routes, Context::json);
            var routes =
                    new Routes(javalin.routes, new AuthGate(site, sessions, tokens, LocalPrograms.NEED_CREDENTIALS));
            new AuthRoutes(new SignInFlow(site, bootstrap, signIn, sessions), tokens).install(routes);
            new ApiTokenRoutes(tokens).install(routes);
            new AuditRoutes(audit).install(routes);
            routes.post(
                    "/whoami",
                    Access.USER,
                    "",
                    ctx -> ctx.result(Caller.of(ctx).display() + " " + ClientAddress.of(ctx)));
            routes.post("/open", Access.OPEN, "", ctx -> ctx.result(ClientAddress.of(ctx) + " " + site.url(ctx)));
            routes.get("/open", Access.OPEN, "", ctx -> ctx.result("open"));
            routes.webSocket("/socket", Access.AGENT, "", ws -> ws.onConnect(ctx -> ctx.send("hello")));
        });
        http.start("127.0.0.1", 0);
    }

    Path directory() {
        return directory;
    }

    Database db() {
        return db;
    }

    int port() {
        return http.port();
    }

    String bootstrapToken() throws IOException {
        return Files.readString(directory.resolve("bootstrap-token")).strip();
    }

    /** Makes the first user, {@code anna}. */
    void bootstrap() throws Exception {
        send("POST", "/api/bootstrap", Map.of("token", bootstrapToken(), "username", "anna", "password", PASSWORD));
    }

    /** Signs {@code anna} in; the cookie to send. */
    String login() throws Exception {
        var answer = login("anna", PASSWORD);
        return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    HttpResponse<String> login(String username, String password) throws Exception {
        return send("POST", "/api/auth/login", Map.of("username", username, "password", password));
    }

    /**
     * Adds the header {@code Origin} to a session's cookie, as browsers do.
     *
     * @param headers names and values in turn
     */
    HttpResponse<String> send(String method, String path, Map<String, ?> body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        var names = List.of(headers);
        if (names.contains("Cookie") && !names.contains("Origin") && !names.contains("Sec-Fetch-Site")) {
            request.header("Origin", publicUrl.map(URI::toString).orElse("http://127.0.0.1:" + port()));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, Map.of(), headers);
    }

    static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    /** Status and, of a refusal, its code: {@code 401 bad_token}. */
    static String outcome(HttpResponse<String> answer) throws IOException {
        return answer.statusCode() < 400
                ? Integer.toString(answer.statusCode())
                : answer.statusCode() + " " + json(answer).path("code").asText();
    }

    /** Actions in the audit log, oldest first. */
    List<String> audited(String cookie) throws Exception {
        var actions = new ArrayList<String>();
        json(get("/api/audit", "Cookie", cookie))
                .path("items")
                .forEach(entry -> actions.add(0, entry.path("action").asText()));
        return actions;
    }
}
