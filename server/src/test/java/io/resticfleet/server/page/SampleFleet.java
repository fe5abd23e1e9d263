package io.resticfleet.server.page;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.RunLimit;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
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

/** A fleet with a host in every state, and a history of 34 days. */
public final class SampleFleet {

    private static final HostPolicy POLICY = new HostPolicy(
            "/etc/restic-fleet/policy.json",
            HookRule.LOCAL_ONLY,
            "/etc/restic-fleet/hooks",
            List.of(),
            false,
            List.of("rest", "sftp"),
            Optional.of(new RunLimit("12h")),
            Optional.empty(),
            Optional.empty());

    private static final String LOCKED =
            "the repository is locked by root on nas (pid 4711) since 2026-03-01 02:12:40 UTC, 17m29s ago; if nothing"
                    + " runs there, unlock it";
    private static final String MISSING = "these paths do not exist: /srv/photos";
    private static final String CALLS = "running: restic --json backup --host=%s --tag=schedule:%s --tag=server"
            + " --exclude=*.tmp '--exclude=/home/*/.cache' -- /etc /home /srv";
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
                    case PARTIAL -> history.backup(host, schedule, due, status, MISSING, "path_missing");
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
                    Optional.of(history.held(machines.get(name).hostId(), taken.minus(Duration.ofDays(day))))));
        }
        return new ToServer.SnapshotsReport(++sequence, taken, snapshots);
    }
}
