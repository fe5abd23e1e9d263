package io.resticfleet.server.page;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.upgrade.BundledAgent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A fleet with a host in every state, and a history of 34 days. */
public final class SampleFleet {

    private static final HostPolicy POLICY = new HostPolicy(
            "/etc/restic-fleet/policy.json",
            HookRule.LOCAL_ONLY,
            "/etc/restic-fleet/hooks",
            List.of(),
            false,
            List.of("rest", "sftp"),
            Optional.of(new PolicyDuration("12h")),
            Optional.empty(),
            RepositoryRules.NONE,
            ReadingRules.NONE,
            Optional.empty());

    private static final String LOCKED =
            "the repository is locked by root on nas (pid 4711) since 2026-03-01T02:12:40Z, 17m29s ago; if nothing"
                    + " runs there, unlock it";
    private static final String UNMOUNTED =
            "these paths were mount points in the last good run and are not now: /srv/photos";
    private static final Map<String, PathReport> PATHS = Map.of(
            "/etc", directory(PathReport.Kind.DIRECTORY, 2_114, 408, 9_437_184),
            "/home", directory(PathReport.Kind.DIRECTORY, 38_512, 4_106, 14_602_888_806L),
            "/srv", directory(PathReport.Kind.MOUNT_POINT, 91_440, 2_870, 41_769_166_438L));
    private static final String CALLS = "running: restic --json backup --host=%s --tag=schedule:%s --tag=server"
            + " '--exclude=*.tmp' '--exclude=/home/*/.cache' -- /etc /home /srv";
    private static final String ASLEEP = "the machine was asleep or the agent was not running";

    private final TestServer server;
    private final SeededHistory history;
    private final Random random = new Random(7);
    private final Map<String, EnrolledAgent> machines = new HashMap<>();
    private final Map<String, AgentClient> agents = new HashMap<>();
    private final Map<String, String> schedules = new HashMap<>();
    private final Map<String, String> newest = new HashMap<>();
    private final String running = SampleReports.id(700);
    private int sequence = 10_000;

    private SampleFleet(TestServer server, SeededHistory history) {
        this.server = server;
        this.history = history;
    }

    public static SampleFleet on(TestServer server) throws Exception {
        var fleet = new SampleFleet(server, SeededHistory.in(server.directory()));
        fleet.enrol();
        fleet.addHistory();
        fleet.connect();
        return fleet;
    }

    /** Path of a host's pages. */
    public String host(String name) {
        return "/hosts/" + machines.get(name).hostId();
    }

    /** Path of the page of its nightly schedule. */
    public String schedule(String name) {
        return host(name) + "/schedules/" + schedules.get(name);
    }

    /** Path of the page of its newest backup. */
    public String newestJob(String name) {
        return "/jobs/" + newest.get(name);
    }

    /** Path of the page of the running backup, which is of {@code web}. */
    public String runningJob() {
        return "/jobs/" + running;
    }

    /** Answers what the schedule form of a host asks about its paths. */
    public void answerPaths(String name) throws Exception {
        agents.remove(name).abort();
        var machine = machines.get(name);
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(
                SampleHellos.inZone(machine.hello(0, server.now()), "Europe/London", Optional.empty()), Ask.features());
        agent.send(machine.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        var set = agent.receive(ToAgent.ScheduleSet.class);
        agent.sendAndDrain(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < PATHS.size(); i++) {
                    var question = agent.receive(ToAgent.Question.class);
                    agent.send(new ToServer.Answer(question.id(), PATHS.get(((Ask.Path) question.what()).path())));
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static PathReport directory(PathReport.Kind kind, long files, long directories, long bytes) {
        return new PathReport(
                kind,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new PathReport.Count(files, directories, bytes, 0, Optional.empty())),
                Optional.empty());
    }

    /** Changes the repository of a host, whose agent has not tried it yet; path of the page. */
    public String changedRepository(String name) throws Exception {
        server.api()
                .patch(
                        "/api" + host(name),
                        Map.of("repository", Samples.repository("rest:https://vault:8000/" + name + "/")));
        return host(name) + "/repository";
    }

    /** Starts the upgrade of the agents, and restarts the server, which pauses it. */
    public void pauseRollout() throws Exception {
        server.stop();
        server.bundle(Optional.of(new BundledAgent("0.2.0", "cd".repeat(32), 3_000_000)));
        server.start();
        for (var name : List.of("nas", "web", "mail", "db", "git")) {
            machines.get(name)
                    .connectInSync()
                    .sendAndDrain(new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty()));
        }
        server.api().post("/api/agents/upgrade", Map.of());
        server.stop();
        server.start();
    }

    /** Disconnects the agent of a host. */
    void disconnect(String name) throws Exception {
        agents.remove(name).abort();
        machines.get(name).awaitStatus("offline");
    }

    private void enrol() throws Exception {
        for (var name : List.of("nas", "web", "mail", "db", "media", "git", "laptop-anna", "laptop-ben", "office-pc")) {
            enrol(name);
            nightly(name);
        }
        for (var name : List.of("pi-garden", "vpn", "backup-box", "camera")) {
            enrol(name);
        }
        nightly("pi-garden");
        machines.get("backup-box")
                .addSchedule(Map.of("kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv")));
        machines.get("nas").addSchedule(Map.of("kind", "check", "name", "check", "cron", "0 7 1 * *"));
        machines.get("nas").addSchedule(Map.of("kind", "prune", "name", "prune", "cron", "0 6 * * 0"));
        machines.get("nas")
                .addSchedule(Map.of(
                        "kind", "forget",
                        "name", "tidy up",
                        "cron", "0 5 * * *",
                        "retention", Map.of("keep_daily", 14, "keep_weekly", 8, "keep_monthly", 12)));
    }

    private void enrol(String name) throws Exception {
        var repository = Samples.repository("rest:http://nas:8000/" + (name.equals("db") ? "web" : name) + "/");
        machines.put(name, server.enrol(name, Map.of("repository", repository)));
    }

    private void nightly(String name) throws Exception {
        schedules.put(
                name,
                machines.get(name)
                        .addSchedule(Map.of(
                                "kind", "backup",
                                "name", "nightly",
                                "cron", "30 2 * * *",
                                "paths", List.of("/etc", "/home", "/srv"),
                                "excludes", List.of("*.tmp", "/home/*/.cache"),
                                "tags", List.of(name.startsWith("laptop") ? "laptop" : "server"),
                                "retention", Map.of("keep_daily", 14, "keep_weekly", 8, "keep_monthly", 12))));
    }

    /** Adds the backups until last night. */
    private void addHistory() throws Exception {
        var joined = server.now().minus(Duration.ofDays(40));
        var tonight = server.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofMinutes(150));
        try (var past = history) {
            for (var name : schedules.keySet().stream().sorted().toList()) {
                if (name.equals("pi-garden")) {
                    continue;
                }
                for (int day = 34; day >= 1; day--) {
                    var due = tonight.minus(Duration.ofDays(day));
                    int dice = random.nextInt(60);
                    backup(
                            name,
                            due,
                            name.startsWith("laptop")
                                            && due.atOffset(ZoneOffset.UTC)
                                                            .getDayOfWeek()
                                                            .getValue()
                                                    > 6
                                    ? JobStatus.MISSED
                                    : dice == 0
                                            ? JobStatus.FAILED
                                            : dice == 1 ? JobStatus.PARTIAL : JobStatus.SUCCEEDED);
                }
                backup(
                        name,
                        tonight,
                        switch (name) {
                            case "mail" -> JobStatus.FAILED;
                            case "media" -> JobStatus.PARTIAL;
                            case "laptop-anna" -> JobStatus.MISSED;
                            default -> JobStatus.SUCCEEDED;
                        });
            }
            past.log(newest.get("mail"), lockedLog(tonight));
        }
        server.sql("UPDATE jobs SET repository_url = 'rest:http://nas:8000/'"
                + " || (SELECT name FROM hosts WHERE hosts.id = host_id) || '/'");
        server.sql("UPDATE hosts SET created_at = " + joined.toEpochMilli() + " WHERE name <> 'camera'");
    }

    private void backup(String name, Instant due, JobStatus status) throws Exception {
        var host = machines.get(name).hostId();
        var schedule = schedules.get(name);
        newest.put(
                name,
                switch (status) {
                    case FAILED -> history.backup(host, schedule, due, status, LOCKED, "locked");
                    case PARTIAL -> history.backup(host, schedule, due, status, UNMOUNTED, "source_shrunk");
                    case MISSED -> history.backup(host, schedule, due, status, ASLEEP, "");
                    default -> history.backup(host, schedule, due, status);
                });
    }

    private void connect() throws Exception {
        for (var name : List.of("nas", "web", "mail", "db", "media", "git", "vpn", "backup-box", "laptop-ben")) {
            agents.put(name, machines.get(name).connectInSync());
        }
        for (var name : List.of("nas", "web", "db")) {
            agents.get(name).sendAndDrain(snapshots(name));
            agents.get(name).sendAndDrain(new ToServer.PolicyReport(POLICY));
        }
        logPartial("media");
        agents.remove("laptop-ben").abort();
        machines.get("laptop-anna").connectInSync().abort();
        var office = machines.get("office-pc").connect();
        office.sendAndDrain(new ToServer.ScheduleAck(
                0, Optional.of("the schedule nightly has a time zone that is not" + " known here: Europe/Kyiv")));
        machines.get("camera").connectInSync();
        nightly("camera"); // neither acknowledged nor due yet
        server.api().post("/api" + host("nas") + "/jobs", Map.of("kind", "check"));
        startBackup();
        // As if a playbook had done all this, on hosts in London.
        server.sql("UPDATE audit_log SET actor = replace(actor, 'token tests', 'token ansible')");
        server.sql("UPDATE api_tokens SET name = 'ansible'");
        server.sql("UPDATE hosts SET time_zone = 'Europe/London'");
    }

    private void startBackup() throws Exception {
        var agent = agents.get("web");
        var schedule = schedules.get("web");
        agent.sendAndDrain(new SampleReports(server)
                .started(++sequence, running, Optional.of(schedule), Optional.of(server.now())));
        var lines = log(
                server.now(),
                "agent: " + CALLS.formatted("web", schedule),
                "restic: using parent snapshot 3f2a91c4",
                "restic: load index files",
                "restic: start scan on [/etc /home /srv]",
                "restic: start backup on [/etc /home /srv]",
                "restic: scan finished in 2.137s: 48211 files, 61.204 GiB");
        agent.sendAndDrain(new ToServer.LogStream(new JobId(running), lines.size(), lines));
        server.clock().advance(Duration.ofSeconds(151));
        agent.sendAndDrain(new ToServer.JobProgress(
                new JobId(running),
                0.4273,
                20_714,
                48_211,
                28_081_733_632L,
                65_717_022_720L,
                0,
                Optional.of(202L),
                Optional.of("/srv/www/media/2026/02/concert-recording-last-row.wav")));
    }

    private void logPartial(String name) throws Exception {
        var job = newest.get(name);
        var made = server.sql("""
                SELECT format('agent: made snapshot %.8s: %d files new, %d changed, %d unmodified; %.1f MiB read, %.1f MiB'
                              || ' added, in %.1f s', snapshot_id, stats_json ->> 'files_new', stats_json ->> 'files_changed',
                              stats_json ->> 'files_unmodified', (stats_json ->> 'total_bytes_processed') / 1048576.0,
                              (stats_json ->> 'data_added') / 1048576.0, (finished_at - started_at) / 1000.0)
                  FROM jobs
                 WHERE id = '%s'
                """.replace("'%s'", "'" + job + "'")).get(0);
        var times = server.sql("SELECT started_at || ' ' || finished_at FROM jobs WHERE id = '" + job + "'")
                .get(0)
                .split(" ");
        var lines = new ArrayList<>(log(
                Instant.ofEpochMilli(Long.parseLong(times[0])),
                "agent: " + CALLS.formatted(name, schedules.get(name)),
                "restic: using parent snapshot 51be07d2",
                "restic: start backup on [/etc /home /srv]"));
        for (var line : log(
                Instant.ofEpochMilli(Long.parseLong(times[1])),
                made,
                "agent: retention: no snapshots are removed, as this backup is not complete",
                "agent: ended: partial: " + UNMOUNTED)) {
            lines.add(new LogLine(
                    lines.size() + 1, Instant.ofEpochMilli(Long.parseLong(times[1])), line.stream(), line.text()));
        }
        agents.get(name).sendAndDrain(new ToServer.LogStream(new JobId(job), lines.size(), lines));
    }

    private List<LogLine> lockedLog(Instant began) {
        var calls = CALLS.formatted("mail", schedules.get("mail"));
        var tries = Collections.nCopies(5, "agent: " + LOCKED + "; trying again in 10 s");
        var lines = new ArrayList<>(List.of("agent: " + calls));
        lines.addAll(tries);
        lines.add("agent: ended: failed: " + LOCKED);
        return log(began, lines.toArray(String[]::new));
    }

    /** A line every ten seconds; each begins with its source. */
    private static List<LogLine> log(Instant began, String... lines) {
        var log = new ArrayList<LogLine>();
        for (var line : lines) {
            var parts = line.split(": ", 2);
            log.add(new LogLine(log.size() + 1, began.plusSeconds(log.size() * 10L), parts[0], parts[1]));
        }
        return log;
    }

    private ToServer.SnapshotsReport snapshots(String name) {
        var taken = server.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofMinutes(151));
        var snapshots = new ArrayList<Snapshot>();
        for (int day = 0; day < 14; day++) {
            var bytes = new byte[32];
            random.nextBytes(bytes);
            var id = HexFormat.of().formatHex(bytes);
            snapshots.add(new Snapshot(
                    id,
                    id.substring(0, 8),
                    taken.minus(Duration.ofDays(day)),
                    name,
                    "root",
                    List.of("/etc", "/home", "/srv"),
                    List.of(Schedule.TAG_PREFIX + schedules.get(name), "server"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of("restic 0.18.0"),
                    Optional.of(history.held(machines.get(name).hostId(), taken.minus(Duration.ofDays(day))) / 400_000),
                    Optional.of(history.held(machines.get(name).hostId(), taken.minus(Duration.ofDays(day)))),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
        }
        return new ToServer.SnapshotsReport(++sequence, taken, snapshots);
    }
}
