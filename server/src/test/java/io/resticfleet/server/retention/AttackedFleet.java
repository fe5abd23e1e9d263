package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.Directories;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;

/**
 * A real server, a real repository, and three machines: one that will be taken over, its neighbour, and the maintainer. Their
 * backups and the maintainer's forgets are real; what their agents would report, the test does.
 */
final class AttackedFleet {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    final TestServer server;
    final AppendOnlyRepository repository;
    final Machine web;
    final Machine db;
    final RepositoryId repositoryId;

    /** How many snapshots the maintainer removed. */
    int removed;

    /** The snapshots that must be there after a forget; asked just before it. */
    Callable<Set<String>> owed = Set::of;

    /** What is going on, for messages of failures. */
    String story = "history";

    private final Machine nas;
    private final Path root;
    private final SampleReports reports;
    private final List<ToAgent.CommandRun> orders = new ArrayList<>();
    private int jobs;
    private long sequence;
    private long offers;

    /** A machine, its schedule, and its connection while it has one. */
    static final class Machine {
        final EnrolledAgent identity;
        final String schedule;
        AgentClient agent;

        private Machine(EnrolledAgent identity, String schedule) {
            this.identity = identity;
            this.schedule = schedule;
        }

        String name() {
            return identity.hostname();
        }

        String tag() {
            return "schedule:" + schedule;
        }
    }

    AttackedFleet(TestServer server, AppendOnlyRepository repository, Path root) throws Exception {
        this.server = server;
        this.repository = repository;
        this.root = root;
        this.reports = new SampleReports(server);
        this.web = machine("web", 2);
        this.db = machine("db", 3);
        this.nas = new Machine(server.enrol("nas"), "");
        this.repositoryId = new RepositoryId(
                server.sql("SELECT repository_id FROM host_repositories").get(0));
        var changed = server.api()
                .patch(
                        "/api/repositories/" + repositoryId,
                        Map.of("maintainer", Map.of("host_id", nas.identity.hostId())));
        assertThat(changed.at("/maintainer_host_id")).isEqualTo(nas.identity.hostId());
        connect();
    }

    private Machine machine(String name, int hour) throws Exception {
        var identity = server.enrol(name);
        return new Machine(
                identity,
                identity.addSchedule(nightly(hour, new RetentionPolicy(0, 0, 40, 0, 0, 0, Optional.empty()))));
    }

    private static Map<String, Object> nightly(int hour, RetentionPolicy policy) {
        return Map.of(
                "kind",
                "backup",
                "name",
                "nightly",
                "cron",
                "30 " + hour + " * * *",
                "time_zone",
                "UTC",
                "paths",
                List.of("/etc"),
                "retention",
                policy);
    }

    /** When a machine's backup is due on the day of an instant. */
    Instant due(Machine machine, Instant day) {
        return day.atOffset(ZoneOffset.UTC)
                .toLocalDate()
                .atTime(machine == web ? 2 : 3, 30)
                .toInstant(ZoneOffset.UTC);
    }

    void connect() throws Exception {
        for (var machine : List.of(web, db, nas)) {
            machine.agent = machine.identity.connectInSync();
        }
    }

    /** Keeps a copy of server and repository, to begin scripts there. */
    void save(String name) throws Exception {
        server.stop();
        Directories.copy(
                server.directory(), Files.createDirectory(root.resolve(name)).resolve("server"));
        repository.saveTo(root.resolve(name).resolve("repository"));
        Files.writeString(root.resolve(name).resolve("now"), server.now().toString());
        server.start();
        connect();
    }

    /** Goes back to a copy. */
    void restore(String name) throws Exception {
        server.stop();
        Directories.delete(server.directory());
        Directories.copy(root.resolve(name).resolve("server"), server.directory());
        repository.restore(root.resolve(name).resolve("repository"));
        server.clock().set(Instant.parse(Files.readString(root.resolve(name).resolve("now"))));
        server.start();
        connect();
        orders.clear();
    }

    void setPolicy(Machine machine, RetentionPolicy policy) throws Exception {
        var path = "/api/hosts/" + machine.identity.hostId() + "/schedules/" + machine.schedule;
        var body = nightly(machine == web ? 2 : 3, policy);
        assertThat(server.api().put(path, body).status()).isEqualTo(200);
    }

    /** The owner of the maintainer sets how long everything is kept. */
    void setLeastKept(LeastKept least) throws Exception {
        send(nas, new ToServer.PolicyReport(policy(least)));
    }

    /** What a machine reports to allow. */
    static HostPolicy policy(LeastKept least) {
        return new HostPolicy(
                "/etc/restic-fleet/policy.json",
                HookRule.OFF,
                "/etc",
                List.of(),
                false,
                List.of("rest"),
                Optional.empty(),
                Optional.empty(),
                new RepositoryRules(
                        Optional.of(RetentionRule.FROM_SERVER),
                        Optional.empty(),
                        Optional.of(least),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                ReadingRules.NONE,
                Optional.empty());
    }

    /** An operator who looks at nothing lets retention go on. */
    void release() throws Exception {
        for (var machine : List.of(web, db)) {
            server.api()
                    .post(
                            "/api/hosts/" + machine.identity.hostId() + "/schedules/" + machine.schedule
                                    + "/retention/release",
                            "");
        }
    }

    /** A backup as it should be, at its due time; the id of its snapshot. */
    String backup(Machine machine) throws Exception {
        server.clock().set(due(machine, server.now()).plusSeconds(5));
        var job = announce(machine, machine.schedule, due(machine, server.now()));
        var snapshot = repository.backup(
                "--time=" + TIME.format(server.now()), "--host=" + machine.name(), "--tag=" + machine.tag(), "src");
        server.clock().advance(Duration.ofSeconds(60));
        finish(machine, machine.schedule, job, due(machine, server.now()), snapshot, JobStatus.SUCCEEDED);
        return snapshot;
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    /** Reports that a run has started; its id. */
    String announce(Machine machine, String schedule, Instant due) throws Exception {
        var job = SampleReports.id(1_000 + ++jobs);
        send(machine, reports.started(++sequence, job, Optional.of(schedule), Optional.of(due)));
        return job;
    }

    void finish(Machine machine, String schedule, String job, Instant due, String snapshot, JobStatus status)
            throws Exception {
        send(machine, reports.finished(++sequence, job, Optional.of(schedule), Optional.of(due), status, snapshot));
    }

    /** The end of a job without a schedule, as its machine reports it. */
    ToServer.JobFinished ended(String job, JobKind kind) {
        return reports.ended(++sequence, job, kind);
    }

    long nextSequence() {
        return ++sequence;
    }

    /** Writes a file. */
    Path file(String name, String content) throws Exception {
        return Files.writeString(root.resolve(name), content);
    }

    void send(Machine machine, ToServer message) throws Exception {
        keepOrders(answer(machine, message));
    }

    /**
     * Sends a message; what the server sends in return. A connection that was closed is opened again, as the server closes
     * silent ones, and for some messages.
     */
    private List<ToAgent> answer(Machine machine, ToServer message) throws Exception {
        for (int attempt = 1; attempt <= 2; attempt++) {
            try {
                return machine.agent.sendAndDrain(message);
            } catch (AssertionError | CompletionException e) {
                machine.agent.abort();
                machine.agent = machine.identity.connectInSync();
            }
        }
        return List.of();
    }

    private void keepOrders(List<ToAgent> received) {
        received.stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .filter(order -> order.order().kind() == JobKind.FORGET)
                .forEach(orders::add);
    }

    /** The maintainer lists the repository, and removes what the server has it remove. */
    void maintain() throws Exception {
        server.clock().advance(Duration.ofSeconds(10));
        orders.clear();
        if (!list() || orders.isEmpty()) {
            return;
        }
        var forget = orders.get(0);
        server.clock().advance(Duration.ofSeconds(10));
        list();
        var plan = answer(nas, new ToServer.RetentionAsk(forget.jobId(), repositoryId, offers)).stream()
                .filter(ToAgent.RetentionPlan.class::isInstance)
                .map(ToAgent.RetentionPlan.class::cast)
                .findFirst()
                .orElseThrow();
        if (!plan.remove().isEmpty()) {
            forget(plan.remove());
        }
        list();
        send(nas, ended(forget.jobId().value(), JobKind.FORGET));
    }

    /** The forget that the maintainer runs, or ran last. */
    Optional<ToAgent.CommandRun> lastForget() {
        return orders.stream().findFirst();
    }

    private void forget(List<String> ids) throws Exception {
        var mustStay = owed.call();
        var before = repository.snapshots();
        var command = new ArrayList<>(List.of("forget", "--quiet"));
        command.addAll(ids);
        var output = repository.maintainer(command);
        if (output.exit() == AppendOnlyRepository.LOCKED) { // see there
            repository.maintainer(List.of("unlock", "--remove-all"));
            output = repository.maintainer(command);
        }
        assertThat(output.exit()).as(output.error()).isZero();
        before.removeAll(repository.snapshots());
        assertThat(before)
                .as("%s at %s", story, server.now())
                .containsExactlyInAnyOrderElementsOf(ids)
                .doesNotContainAnyElementsOf(mustStay);
        removed += before.size();
    }

    /** Lists and reports the repository's snapshots; false if the list is not complete. */
    private boolean list() throws Exception {
        var output = repository.maintainer(List.of("snapshots", "--json", "--no-lock"));
        if (!output.isClean()) {
            return false;
        }
        var snapshots = new ArrayList<Snapshot>();
        Json.LENIENT.readTree(output.out()).forEach(item -> snapshots.add(ListedSnapshots.snapshot(item)));
        report(nas, snapshots, true);
        return true;
    }

    /** Reports a list of snapshots. */
    void report(Machine machine, List<Snapshot> snapshots, boolean whole) throws Exception {
        var list = new ListedSnapshots(repositoryId, server.now(), snapshots, whole);
        keepOrders(list.report(++offers, message -> answer(machine, message)));
    }

    /** What the server has bound to a machine's schedule, of these snapshots. */
    List<KeepTiers.Dated> bound(Machine machine, Collection<String> ids) throws Exception {
        return server
                .sql("SELECT snapshot_id || ' ' || slot_at FROM retention_snapshots WHERE schedule_id = '"
                        + machine.schedule + "'")
                .stream()
                .map(row -> row.split(" "))
                .filter(row -> ids.contains(row[0]))
                .map(row -> new KeepTiers.Dated(row[0], instant(row[1])))
                .toList();
    }

    /** Those that the server saw for the first time after an instant. */
    Set<String> seenSince(Instant since) throws Exception {
        var young = new HashSet<String>();
        for (var row : server.sql("SELECT snapshot_id || ' ' || first_seen_at FROM retention_snapshots")) {
            if (instant(row.split(" ")[1]).isAfter(since)) {
                young.add(row.split(" ")[0]);
            }
        }
        return young;
    }

    private static Instant instant(String stored) {
        return Instant.ofEpochMilli(Long.parseLong(stored));
    }
}
