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

/** The server's jar, running, and its API as a program with a token uses it. */
final class ServerProcess {

    static final Path JAR =
            Path.of("../server/target/restic-fleet.jar").toAbsolutePath().normalize();

    private static final Pattern LISTENING = Pattern.compile("listening on (https?://\\S+?)/?\\s");
    /** The longest that an agent waits before it dials again, and more. */
    static final Duration TO_DIAL = Duration.ofSeconds(100);

    private static final Set<String> OPEN = Set.of("queued", "running");
    private static final JsonMapper JSON = new JsonMapper();
    static final String USER = "admin";
    static final String PASSWORD = "a-pass-phrase-of-the-operator";

    private final Path directory;
    private List<String> flags;
    private final HttpClient client;
    private final Place place;
    private List<String> under = List.of();
    private Path jar = JAR;
    private Program program;
    private String address = "";
    private String url = "";
    private String token = "";

    /** @param status of HTTP */
    record Answer(int status, JsonNode body, String text) {}

    /**
     * Where a server runs.
     *
     * @param under the program that starts it
     * @param listen the address it is told at first
     * @param url tells where this test reaches it, by the address that it says
     */
    record Place(List<String> under, String listen, UnaryOperator<String> url) {
        static final Place HERE = new Place(List.of(), "127.0.0.1:0", url -> url);
    }

    private ServerProcess(Place place, Path directory, List<String> flags, HttpClient client) {
        this.place = place;
        this.under = place.under();
        this.directory = directory;
        this.flags = flags;
        this.client = client;
    }

    /** Starts a new server on a free port and makes its first user. */
    static ServerProcess start(Path directory) throws Exception {
        return start(directory, List.of(), HttpClient.newHttpClient());
    }

    /** As {@link #start(Path)}, with a certificate that a client made for this context trusts. */
    static ServerProcess startTls(Path directory, Path certificate, Path key, SSLContext trusting) throws Exception {
        var flags = List.of("--tls-cert", certificate.toString(), "--tls-key", key.toString());
        return start(
                directory, flags, HttpClient.newBuilder().sslContext(trusting).build());
    }

    /** As {@link #start(Path)}, with these flags, and trusting what the context does. */
    static ServerProcess startTls(Path directory, List<String> flags, SSLContext trusting) throws Exception {
        return start(
                directory, flags, HttpClient.newBuilder().sslContext(trusting).build());
    }

    /** As {@link #start(Path)}, elsewhere. */
    static ServerProcess start(Path directory, Place place) throws Exception {
        var server = launched(place, directory, List.of(), HttpClient.newHttpClient());
        server.bootstrap();
        return server;
    }

    /** Starts a new server on a free port, which has no user yet. */
    static ServerProcess startUnclaimed(Path directory) throws Exception {
        return launched(Place.HERE, directory, List.of(), HttpClient.newHttpClient());
    }

    private static ServerProcess start(Path directory, List<String> flags, HttpClient client) throws Exception {
        var server = launched(Place.HERE, directory, flags, client);
        server.bootstrap();
        return server;
    }

    private static ServerProcess launched(Place place, Path directory, List<String> flags, HttpClient client)
            throws Exception {
        var server = new ServerProcess(place, Files.createDirectories(directory), flags, client);
        server.launch(place.listen());
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

    /** Another jar of the server, from the next start on. */
    void become(Path other) {
        jar = other;
    }

    /** Started by this program, such as strace, from the next start on. */
    void under(List<String> starter) {
        under = starter;
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

    /** Starts it anew on the same data and the same port, where its agents look for it. */
    void restart() throws Exception {
        launch(URI.create(address).getAuthority());
    }

    /** The same with other flags. */
    void restart(List<String> otherFlags) throws Exception {
        flags = otherFlags;
        restart();
    }

    private void launch(String listen) throws Exception {
        var arguments = new ArrayList<>(
                List.of("serve", "--listen", listen, "--data-dir", dataDir().toString()));
        arguments.addAll(flags);
        long before = Files.exists(logFile()) ? Files.size(logFile()) : 0;
        program = Program.start(directory, logFile(), Map.of(), Program.under(under, Program.java(jar, arguments)));
        eventually(() -> {
            if (!program.alive()) {
                return;
            }
            var said = LISTENING.matcher(log().substring((int) before));
            assertThat(said.find())
                    .as("the server says where it listens: " + log())
                    .isTrue();
            address = said.group(1);
        });
        assertThat(program.alive()).as("the server lives: " + log()).isTrue();
        url = place.url().apply(address);
    }

    private Path logFile() {
        return directory.resolve("server.log");
    }

    /** What shows that this server is ours, as long as it has no user. */
    String bootstrapToken() throws IOException {
        return Files.readString(dataDir().resolve("bootstrap-token")).strip();
    }

    private void bootstrap() throws Exception {
        var secret = bootstrapToken();
        var user = Map.of("username", USER, "password", PASSWORD);
        post("/api/bootstrap", Map.of("token", secret, "username", USER, "password", PASSWORD));
        var login = send("POST", "/api/auth/login", user, Map.of());
        assertThat(login.statusCode()).as(login.body()).isEqualTo(200);
        var cookie = login.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        var made = send("POST", "/api/tokens", Map.of("name", "e2e"), Map.of("Cookie", cookie));
        token = JSON.readTree(made.body()).path("token").asText();
        assertThat(token).startsWith("rf_");
    }

    JsonNode get(String path) throws Exception {
        return expect2xx("GET", path, null);
    }

    JsonNode post(String path, Object body) throws Exception {
        return expect2xx("POST", path, body);
    }

    Answer ask(String method, String path, Object body) throws Exception {
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
        var answer = ask(method, path, body);
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

    /** Runs what the host backs up; returns the job's id. */
    String run(String host) throws Exception {
        return post("/api/hosts/" + host + "/run", Map.of()).path("job_id").asText();
    }

    /** Makes a schedule and returns its id. */
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
        return ask("GET", "/api/jobs/" + id + "/log", null).text();
    }

    void awaitRunning(String job) throws Exception {
        eventually(() -> assertThat(job(job).path("status").asText()).isEqualTo("running"));
    }

    /** Waits until a job has ended, with its last line of log. */
    JsonNode ended(String job) throws Exception {
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

    /** As {@link #items}, of every page. */
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

    /** Waits for an agent, which dials but once a minute when it was cut off again and again. */
    void awaitOnline(String host) throws Exception {
        within(TO_DIAL, () -> assertThat(status(host)).isEqualTo("online"));
    }

    void awaitStatus(String host, String status) throws Exception {
        eventually(() -> assertThat(status(host)).isEqualTo(status));
    }

    String status(String host) throws Exception {
        return get("/api/hosts/" + host).path("status").asText();
    }
}
