package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** The running server's jar, and its API as used by a program with a token. */
final class ServerProcess {

    static final Path JAR =
            Path.of("../server/target/restic-fleet.jar").toAbsolutePath().normalize();

    private static final Pattern LISTENING = Pattern.compile("listening on (https?://\\S+?)/?\\s");
    /** More than the longest pause of an agent before it reconnects. */
    static final Duration TO_RECONNECT = Duration.ofSeconds(100);

    private static final Set<String> OPEN = Set.of("queued", "running");
    private static final JsonMapper JSON = new JsonMapper();
    static final String USER = "admin";
    static final String PASSWORD = "a-pass-phrase-of-the-operator";

    private final Path directory;
    private List<String> flags;
    private final HttpClient client;
    private final Location location;
    private List<String> starter = List.of();
    private Path jar = JAR;
    private Program program;
    private String address = "";
    private String url = "";
    private String token = "";

    /** @param status HTTP status */
    record Answer(int status, JsonNode body, String text) {}

    /**
     * Where a server runs.
     *
     * @param starter the command prefix that starts it there
     * @param listen its first listen address
     * @param url maps the address in its log to one that this test can reach
     */
    record Location(List<String> starter, String listen, UnaryOperator<String> url) {
        static final Location HERE = new Location(List.of(), "127.0.0.1:0", url -> url);
    }

    private ServerProcess(Location location, Path directory, List<String> flags, HttpClient client) {
        this.location = location;
        this.starter = location.starter();
        this.directory = directory;
        this.flags = flags;
        this.client = client;
    }

    /** Starts a new server on a free port and creates its first user. */
    static ServerProcess start(Path directory) throws Exception {
        return start(directory, List.of(), HttpClient.newHttpClient());
    }

    /** Like {@link #start(Path)}, with a certificate that the context trusts. */
    static ServerProcess startTls(Path directory, Path certificate, Path key, SSLContext trusting) throws Exception {
        var flags = List.of("--tls-cert", certificate.toString(), "--tls-key", key.toString());
        return start(
                directory, flags, HttpClient.newBuilder().sslContext(trusting).build());
    }

    /** Like {@link #start(Path)}, with these flags and a context that trusts its certificate. */
    static ServerProcess startTls(Path directory, List<String> flags, SSLContext trusting) throws Exception {
        return start(
                directory, flags, HttpClient.newBuilder().sslContext(trusting).build());
    }

    /** Like {@link #start(Path)}, at another location. */
    static ServerProcess start(Path directory, Location location) throws Exception {
        var server = launched(location, directory, List.of(), HttpClient.newHttpClient());
        server.bootstrap();
        return server;
    }

    /** Starts a new server on a free port, without users. */
    static ServerProcess startUnclaimed(Path directory) throws Exception {
        return launched(Location.HERE, directory, List.of(), HttpClient.newHttpClient());
    }

    private static ServerProcess start(Path directory, List<String> flags, HttpClient client) throws Exception {
        var server = launched(Location.HERE, directory, flags, client);
        server.bootstrap();
        return server;
    }

    private static ServerProcess launched(Location location, Path directory, List<String> flags, HttpClient client)
            throws Exception {
        var server = new ServerProcess(location, Files.createDirectories(directory), flags, client);
        server.launch(location.listen());
        return server;
    }

    Path dataDir() {
        return directory.resolve("data");
    }

    String url() {
        return url;
    }

    String log() throws IOException {
        return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    }

    /** Uses another jar, from the next start on. */
    void useJar(Path other) {
        jar = other;
    }

    /** Sets a program that starts the server, such as strace, from the next start on. */
    void startedBy(List<String> starter) {
        this.starter = starter;
    }

    void kill() throws InterruptedException {
        program.kill();
    }

    boolean alive() {
        return program.alive();
    }

    void stop() throws InterruptedException {
        program.stop();
    }

    /** Starts the server again with the same data and port, where its agents expect it. */
    void restart() throws Exception {
        launch(URI.create(address).getAuthority());
    }

    /** Starts the server again with other flags. */
    void restart(List<String> otherFlags) throws Exception {
        flags = otherFlags;
        restart();
    }

    private void launch(String listen) throws Exception {
        var arguments = new ArrayList<>(
                List.of("serve", "--listen", listen, "--data-dir", dataDir().toString()));
        arguments.addAll(flags);
        long before = Files.exists(logFile()) ? Files.size(logFile()) : 0;
        program =
                Program.start(directory, logFile(), Map.of(), Program.startedBy(starter, Program.java(jar, arguments)));
        eventually(() -> {
            if (!program.alive()) {
                return;
            }
            var line = LISTENING.matcher(log().substring((int) before));
            assertThat(line.find())
                    .as("the server logs where it listens: " + log())
                    .isTrue();
            address = line.group(1);
        });
        assertThat(program.alive()).as("the server is alive: " + log()).isTrue();
        url = location.url().apply(address);
    }

    private Path logFile() {
        return directory.resolve("server.log");
    }

    /** The token that allows creating the first user. */
    String bootstrapToken() throws IOException {
        return Files.readString(dataDir().resolve("bootstrap-token")).strip();
    }

    private void bootstrap() throws Exception {
        var secret = bootstrapToken();
        var user = Map.of("username", USER, "password", PASSWORD);
        post("/api/bootstrap", Map.of("token", secret, "username", USER, "password", PASSWORD));
        var made = send("POST", "/api/tokens", Map.of("name", "e2e"), session(user));
        token = JSON.readTree(made.body()).path("token").asText();
        assertThat(token).startsWith("rf_");
    }

    /** Signs in as a browser does; the headers of its requests. */
    private Map<String, String> session(Map<String, ?> user) throws Exception {
        var login = send("POST", "/api/auth/login", user, Map.of());
        assertThat(login.statusCode()).as(login.body()).isEqualTo(200);
        var cookie = login.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        return Map.of("Cookie", cookie, "Origin", url());
    }

    /** Makes the command for the machine that takes the place of a host's present one. */
    JsonNode replacement(String host) throws Exception {
        var session = session(Map.of("username", USER, "password", PASSWORD));
        var made = send("POST", "/api/hosts/" + host + "/replacements", Map.of("password", PASSWORD), session);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return JSON.readTree(made.body());
    }

    JsonNode get(String path) throws Exception {
        return expect2xx("GET", path, null);
    }

    JsonNode post(String path, Object body) throws Exception {
        return expect2xx("POST", path, body);
    }

    Answer request(String method, String path, Object body) throws Exception {
        var answer = send(method, path, body, token.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + token));
        var json = answer.headers()
                .firstValue("content-type")
                .filter(type -> type.contains("json") && !type.contains("ndjson"));
        return new Answer(
                answer.statusCode(),
                json.isPresent() ? JSON.readTree(answer.body()) : JSON.missingNode(),
                answer.body());
    }

    private JsonNode expect2xx(String method, String path, Object body) throws Exception {
        var answer = request(method, path, body);
        assertThat(answer.status() / 100)
                .as(method + " " + path + ": " + answer.status() + " " + answer.text())
                .isEqualTo(2);
        return answer.body();
    }

    private HttpResponse<String> send(String method, String path, Object body, Map<String, String> headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60));
        headers.forEach(request::header);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Runs the host's backup; returns the job's id. */
    String run(String host) throws Exception {
        return post("/api/hosts/" + host + "/run", Map.of()).path("job_id").asText();
    }

    /** Creates a schedule; returns its id. */
    String schedule(String host, Map<String, ?> schedule) throws Exception {
        return post("/api/hosts/" + host + "/schedules", schedule).path("id").asText();
    }

    String runSchedule(String host, String schedule) throws Exception {
        return post("/api/hosts/" + host + "/schedules/" + schedule + "/run", Map.of())
                .path("job_id")
                .asText();
    }

    JsonNode job(String id) throws Exception {
        return get("/api/jobs/" + id);
    }

    String jobLog(String id) throws Exception {
        return request("GET", "/api/jobs/" + id + "/log", null).text();
    }

    void awaitRunning(String job) throws Exception {
        eventually(() -> assertThat(job(job).path("status").asText()).isEqualTo("running"));
    }

    /** Waits until a job and its log have ended. */
    JsonNode awaitEnd(String job) throws Exception {
        eventually(() -> {
            assertThat(job(job).path("status").asText()).as(jobLog(job)).isNotIn(OPEN);
            assertThat(jobLog(job)).contains("ended: ");
        });
        return job(job);
    }

    List<JsonNode> items(String path) throws Exception {
        var items = new ArrayList<JsonNode>();
        get(path).path("items").forEach(items::add);
        return items;
    }

    /** Like {@link #items}, but of all pages. */
    List<JsonNode> all(String path) throws Exception {
        var items = new ArrayList<JsonNode>();
        var page = get(path + "&limit=1000");
        page.path("items").forEach(items::add);
        while (page.hasNonNull("next_cursor")) {
            page = get(path + "&limit=1000&cursor=" + page.path("next_cursor").asText());
            page.path("items").forEach(items::add);
        }
        return items;
    }

    /** Waits for an agent, which reconnects only once a minute after many failures. */
    void awaitOnline(String host) throws Exception {
        within(TO_RECONNECT, () -> assertThat(status(host)).isEqualTo("online"));
    }

    void awaitStatus(String host, String status) throws Exception {
        eventually(() -> assertThat(status(host)).isEqualTo(status));
    }

    String status(String host) throws Exception {
        return get("/api/hosts/" + host).path("status").asText();
    }
}
