package io.resticfleet.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.recovery.DatabaseRestore;
import io.resticfleet.server.recovery.KeyRestore;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.upgrade.BundledAgent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A whole server, on a free port and a database with one user, for one test.
 *
 * <p>Tests speak to it as programs and agents do. Nothing inside it is replaced but its clocks, so there is no wiring
 * that only tests exercise.
 */
public final class TestServer implements BeforeEachCallback, AfterEachCallback {

    public static final String URL = "rest:http://nas:8000/fleet/";
    public static final String REPO_PASSWORD = "repo-password-4711";
    public static final String REST_PASSWORD = "rest-password-0815";
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    /** What is sent to back up {@code /etc} and {@code /home} every night. */
    public static final Map<String, Object> NIGHTLY =
            Map.of("kind", "backup", "name", "nightly", "cron", "30 2 * * *", "paths", List.of("/etc", "/home"));

    /** The same without a name: the server chooses one, so that a host can have several. */
    public static final Map<String, Object> UNNAMED =
            Map.of("kind", "backup", "cron", "30 2 * * *", "paths", List.of("/etc", "/home"));

    private static final ObjectMapper JSON = Wire.builder().build();
    private static final HttpClient CLIENT = AnyCertificate.client();

    /** What the server's clock says; assign to let time pass. */
    public volatile Instant now = START;

    /** How much more time than really passed the server believes to have passed. */
    public volatile Duration skipped = Duration.ZERO;

    /** The agent that the server hands out from its next start on. */
    public Optional<BundledAgent> offer = Optional.of(new BundledAgent("0.1.0", "ab".repeat(32), 3_000_000));

    private final Map<String, String> settings;
    private final BiFunction<Path, InstantSource, Database> opening;
    private final List<FakeAgent> dialled = Collections.synchronizedList(new ArrayList<>());
    private Path directory;
    private App app;
    private int port;
    private String token;

    public TestServer() {
        this(Map.of());
    }

    /** @param settings flags beside those that every test needs */
    public TestServer(Map<String, String> settings) {
        this(settings, Database::open);
    }

    /** @param opening opens the database in a directory, with a clock */
    public TestServer(BiFunction<Path, InstantSource, Database> opening) {
        this(Map.of(), opening);
    }

    private TestServer(Map<String, String> settings, BiFunction<Path, InstantSource, Database> opening) {
        this.settings = settings;
        this.opening = opening;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("fleet");
        for (var name : List.of("restic-fleet.db", "secret.key")) {
            Files.copy(FurnishedDirectory.PATH.resolve(name), directory.resolve(name));
        }
        token = FurnishedDirectory.TOKEN;
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        dialled.forEach(FakeAgent::vanish);
        stop();
        Directories.delete(directory);
    }

    /** On a free port; when it was stopped, on the same again. */
    public void start() {
        var flags = new HashMap<>(settings);
        flags.put("--listen", "127.0.0.1:" + port);
        flags.put("--data-dir", directory.toString());
        var config = ServerConfig.from(Map.of(), flags);
        var db = opening.apply(directory, () -> now);
        app = App.start(config, db, () -> now, () -> System.nanoTime() + skipped.toNanos(), offer);
        port = URI.create(app.url()).getPort();
    }

    public void stop() {
        app.close();
    }

    /** Starts in an empty directory, an hour before the tests. */
    void startIn(Path empty) {
        directory = empty;
        now = START.minus(Duration.ofHours(1));
        start();
    }

    /** Makes the user {@code anna}, and an API token of hers. */
    String bootstrap() throws Exception {
        var token = Files.readString(directory.resolve("bootstrap-token")).strip();
        request(
                "POST",
                "/api/bootstrap",
                json(Map.of("token", token, "username", "anna", "password", "correct horse")));
        return mint();
    }

    /** Makes another API token with anna's password, for a database without the usual one. */
    public void signIn() throws Exception {
        token = mint();
    }

    private String mint() throws Exception {
        return request("POST", "/api/tokens", json(Map.of("name", "tests")), "Cookie", login())
                .at("/token");
    }

    /** Signs anna in; the cookie. */
    String login() throws Exception {
        var login = request("POST", "/api/auth/login", json(Map.of("username", "anna", "password", "correct horse")));
        return login.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    App app() {
        return app;
    }

    public String url() {
        return app.url();
    }

    public Path directory() {
        return directory;
    }

    public String apiToken() {
        return token;
    }

    /** Value of the cookie {@code rf_session} of a browser in which anna has signed in an hour ago. */
    public String session() {
        return FurnishedDirectory.SESSION;
    }

    public Answer get(String path, String... headers) throws Exception {
        return authorised("GET", path, "", headers);
    }

    public Answer post(String path, Object body, String... headers) throws Exception {
        return authorised("POST", path, json(body), headers);
    }

    public Answer put(String path, Object body) throws Exception {
        return authorised("PUT", path, json(body));
    }

    public Answer patch(String path, Object body) throws Exception {
        return authorised("PATCH", path, json(body));
    }

    public Answer delete(String path) throws Exception {
        return authorised("DELETE", path, "");
    }

    private Answer authorised(String method, String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", "Bearer " + apiToken()));
        return request(method, path, body, all.toArray(String[]::new));
    }

    /**
     * Without credentials, unless the headers have some.
     *
     * @param headers names and values in turn
     */
    public Answer request(String method, String path, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(app.url() + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return Answer.of(CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    /** The status for a request line that no client library would send. */
    public int status(String rawPath) throws IOException {
        var url = URI.create(app.url());
        try (var socket = new java.net.Socket(url.getHost(), url.getPort())) {
            var request = "GET " + rawPath + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nAuthorization: Bearer "
                    + apiToken() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
            var answer = new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ")[1]);
        }
    }

    /** Text is taken as it is, anything else as what becomes JSON. */
    public static String json(Object body) throws IOException {
        return body instanceof String text ? text : JSON.writeValueAsString(body);
    }

    /** Lets a machine join under a name, without any schedule. */
    public FakeMachine enrol(String hostname) throws Exception {
        return enrol(hostname, Map.of("repository", repository(URL)));
    }

    /** Lets a machine join with a token made from {@code tokenBody}. */
    public FakeMachine enrol(String hostname, Map<String, ?> tokenBody) throws Exception {
        return join(post("/api/enrollment-tokens", tokenBody).at("/token"), hostname);
    }

    /** Lets a machine join that calls itself {@code hostname} and was given a token. */
    public FakeMachine join(String token, String hostname) throws Exception {
        var keys = FakeMachine.newKeys();
        var answer = request("POST", "/api/agents/enroll", json(joining(token, hostname, FakeMachine.publicKey(keys))));
        if (answer.status() != 201) {
            throw new AssertionError(answer.text());
        }
        return new FakeMachine(answer.at("/host_id"), answer.at("/hostname"), keys);
    }

    public static Map<String, Object> repository(String url) {
        return Map.of("url", url, "username", "fleet", "password", REST_PASSWORD, "repo_password", REPO_PASSWORD);
    }

    public static Map<String, Object> joining(String token, String hostname, String publicKey) {
        return Map.of(
                "token", token,
                "public_key", publicKey,
                "hostname", hostname,
                "os", "linux",
                "arch", "amd64",
                "agent_version", "0.1.0",
                "restic_version", "0.18.0",
                "time_zone", "UTC");
    }

    /** Adds a schedule to a host; its id. */
    public String schedule(FakeMachine machine, Map<String, ?> body) throws Exception {
        var answer = post("/api/hosts/" + machine.hostId() + "/schedules", body);
        if (answer.status() != 201) {
            throw new AssertionError(answer.text());
        }
        return answer.at("/id");
    }

    /** Opens a connection on which nothing was said yet. */
    public FakeAgent dial() {
        return dial(app.url());
    }

    /**
     * The same by another way.
     *
     * @param url where a proxy listens, or this server does
     * @param headers names and values in turn
     */
    private FakeAgent dial(String url, String... headers) {
        var builder = CLIENT.newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        var agent = FakeAgent.dial(builder, url);
        dialled.add(agent);
        return agent;
    }

    /**
     * Connects an agent by another way; its welcome.
     *
     * @param url where a proxy listens, or this server does
     * @param headers names and values in turn
     */
    public ToAgent.Welcome connectVia(String url, FakeMachine machine, String... headers) throws Exception {
        var agent = dial(url, headers);
        agent.say(machine.sign(
                machine.hello(0, now), agent.hears(ToAgent.Challenge.class).nonce()));
        var welcome = agent.hears(ToAgent.Welcome.class);
        agent.hears(ToAgent.ScheduleSet.class);
        return welcome;
    }

    /** Connects an agent that holds no schedules and no jobs. */
    public FakeAgent connect(FakeMachine machine) throws Exception {
        return connect(machine, 0);
    }

    /** Connects an agent and waits until it is welcome and was told what is told at every hello. */
    public FakeAgent connect(FakeMachine machine, long scheduleVersion, String... jobs) throws Exception {
        var agent = dial();
        agent.say(machine.sign(
                machine.hello(scheduleVersion, now, jobs),
                agent.hears(ToAgent.Challenge.class).nonce()));
        agent.hears(ToAgent.Welcome.class);
        return agent;
    }

    /** Connects, and reads all that was said at once. */
    public FakeAgent connectQuietly(FakeMachine machine, String... jobs) throws Exception {
        var agent = connect(machine, 0, jobs);
        var greeting = agent.hearsUntilNow();
        var set = (ToAgent.ScheduleSet) greeting.stream()
                .filter(ToAgent.ScheduleSet.class::isInstance)
                .findFirst()
                .orElseThrow();
        agent.sayAndHear(new ToServer.ScheduleAck(set.version(), java.util.Optional.empty()));
        return agent;
    }

    /** Cuts off silent connections as if {@code time} had passed. */
    public void checkConnectionsAfter(Duration time) {
        skipped = skipped.plus(time);
        app.maintenance().checkConnections();
    }

    /** Lets time pass, and looks for what is overdue. */
    public void checkMissedRunsAt(Instant instant) {
        now = instant;
        app.maintenance().checkMissedRuns();
    }

    /** Looks whether an agent that is upgraded has come back. */
    public void checkUpgrades() {
        app.maintenance().checkUpgrades();
    }

    /** In trouble with the disk, finds out whether it is over. */
    public void probeStorage() {
        app.maintenance().probeStorage();
    }

    /** Lets the server copy its database, if that is due. */
    public void copyDatabase() {
        app.maintenance().copyDatabase();
    }

    /** Lets the server look whether its database is damaged. */
    public void checkDatabase() {
        app.maintenance().checkDatabase();
    }

    public void expire() {
        app.maintenance().expire();
    }

    /** What another program would see in the database now: the first column of each row. */
    public List<String> sql(String statement) throws Exception {
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + directory.resolve("restic-fleet.db") + "?busy_timeout=5000");
                var sql = connection.createStatement()) {
            var rows = new ArrayList<String>();
            if (sql.execute(statement)) {
                for (var result = sql.getResultSet(); result.next(); ) {
                    rows.add(result.getString(1));
                }
            }
            return rows;
        }
    }

    /** The status of all hosts that the server shares between readers. */
    public FleetStatus fleet() {
        return app.parts().fleet().now();
    }

    /** The same, read and computed for this call only. */
    public FleetStatus freshFleet() {
        var parts = app.parts();
        var versions = new ScheduleVersions(parts.db());
        var jobs = new JobSummaries();
        return new Fleet(
                        parts.db(),
                        parts.hosts(),
                        versions,
                        parts.schedules(),
                        jobs,
                        parts.agents(),
                        () -> now,
                        () -> 0)
                .now();
    }

    public Database database() {
        return app.parts().db();
    }

    /** What the command {@code restore} does to the database in a directory, of a copy without keys. */
    public static DatabaseRestore.Result restore(Path directory, Path copy, InstantSource clock) {
        var config = ServerConfig.from(Map.of(), Map.of("--data-dir", directory.toString()));
        return DatabaseRestore.run(directory, copy, clock, new KeyRestore(config, Optional::empty, clock.instant()));
    }

    /** A server of its own settings, as the program starts it. */
    static App startApp(ServerConfig config, InstantSource clock) {
        return App.start(config, Database.open(config.dataDir(), clock), clock, System::nanoTime, BundledAgent.find());
    }
}
