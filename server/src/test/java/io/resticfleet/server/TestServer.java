package io.resticfleet.server;

import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.recovery.DatabaseRestore;
import io.resticfleet.server.recovery.KeyRestore;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.upgrade.BundledAgent;
import java.io.IOException;
import java.net.URI;
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
 * The whole server, on a free port and a database with one user, for one test.
 *
 * <p>Tests use it as programs, browsers and agents do. Only its clocks are replaced.
 */
public final class TestServer implements BeforeEachCallback, AfterEachCallback {

    /** The server's clock when a test begins. */
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final Map<String, String> settings;
    private final BiFunction<Path, InstantSource, Database> opening;
    private final SettableClock clock = new SettableClock(START);
    private final MaintenanceTasks maintenance = new MaintenanceTasks(clock, () -> app().maintenance());
    private final List<AgentClient> agents = Collections.synchronizedList(new ArrayList<>());
    private Optional<BundledAgent> bundledAgent = Optional.of(new BundledAgent("0.1.0", "ab".repeat(32), 3_000_000));
    private Path directory;
    private App app;
    private int port;
    private ApiClient api;

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
        SeededDataDirectory.copyTo(directory);
        start();
        api = new ApiClient(url(), SeededDataDirectory.TOKEN);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        agents.forEach(AgentClient::abort);
        stop();
        Directories.delete(directory);
    }

    /** Starts on a free port; after {@link #stop}, on the same port. */
    public void start() {
        var flags = new HashMap<>(settings);
        flags.put("--listen", "127.0.0.1:" + port);
        flags.put("--data-dir", directory.toString());
        var config = ServerConfig.from(Map.of(), flags);
        app = App.start(
                config, () -> opening.apply(directory, clock), clock, clock::nanoTime, clock::uptime, bundledAgent);
        port = URI.create(app.url()).getPort();
    }

    public void stop() {
        app.close();
    }

    /** Starts in an empty directory, an hour before the tests. */
    void startIn(Path empty) {
        directory = empty;
        clock.set(START.minus(Duration.ofHours(1)));
        start();
    }

    /** Replaces the agent that the server offers for upgrades, from its next start on. */
    public void bundle(Optional<BundledAgent> agent) {
        bundledAgent = agent;
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

    public SettableClock clock() {
        return clock;
    }

    /** The server's wall clock. */
    public Instant now() {
        return clock.instant();
    }

    public MaintenanceTasks maintenance() {
        return maintenance;
    }

    /** The API with a token of anna's. */
    public ApiClient api() {
        return api;
    }

    /** Creates another API token with anna's password, for a database without the usual one. */
    public void signIn() throws Exception {
        api = ApiClient.signedIn(url());
    }

    /** Value of the cookie {@code rf_session} of a browser in which anna signed in an hour ago. */
    public String session() {
        return SeededDataDirectory.SESSION;
    }

    /** Enrols a host without any schedule. */
    public EnrolledAgent enrol(String hostname) throws Exception {
        return enrol(hostname, Map.of("repository", Samples.repository(Samples.URL)));
    }

    /** Enrols a host with a token made from {@code tokenBody}. */
    public EnrolledAgent enrol(String hostname, Map<String, ?> tokenBody) throws Exception {
        return EnrolledAgent.enrol(this, hostname, tokenBody);
    }

    /** Enrols a host with a token that exists. */
    public EnrolledAgent enrolWith(String token, String hostname) throws Exception {
        return EnrolledAgent.enrolWith(this, token, hostname);
    }

    /** Opens an agent's connection on which nothing was sent yet. */
    public AgentClient dial() {
        return dial(url());
    }

    /**
     * Opens an agent's connection to another address.
     *
     * @param url of a proxy, or of this server
     * @param headers names and values in turn
     */
    AgentClient dial(String url, String... headers) {
        var agent = AgentClient.open(url, headers);
        agents.add(agent);
        return agent;
    }

    /** Runs SQL in a connection of its own; the first column of each row. */
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

    /** The shared status of all hosts. */
    public FleetStatus fleet() {
        return app.parts().fleet().now();
    }

    /** The same, read and computed for this call only. */
    public FleetStatus freshFleet() {
        var parts = app.parts();
        var versions = new ScheduleVersions(parts.db());
        var jobs = new JobSummaries();
        var audit = new Audit(parts.db(), clock);
        var expectations = new Expectations(parts.db(), parts.hosts(), audit);
        var pauses = new Pauses(parts.db(), parts.hosts(), audit, clock);
        return new Fleet(
                        parts.db(),
                        parts.hosts(),
                        expectations,
                        pauses,
                        versions,
                        parts.schedules(),
                        jobs,
                        parts.agents(),
                        clock,
                        () -> 0)
                .now();
    }

    public Database database() {
        return app.parts().db();
    }

    /** Does what the command {@code restore} does to the database in a directory, with a copy without keys. */
    public static DatabaseRestore.Result restore(Path directory, Path copy, InstantSource clock) {
        var config = ServerConfig.from(Map.of(), Map.of("--data-dir", directory.toString()));
        return DatabaseRestore.run(directory, copy, clock, new KeyRestore(config, Optional::empty, clock.instant()));
    }

    /** Starts a server with settings of its own, as the program does. */
    static App startApp(ServerConfig config, InstantSource clock) {
        return App.start(
                config,
                () -> Database.open(config.dataDir(), clock),
                clock,
                System::nanoTime,
                Uptime::read,
                BundledAgent.find());
    }
}
