package io.resticfleet.server;

import com.github.f4b6a3.ulid.UlidFactory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The agents of all hosts in a server's database. They cause four commits a second: backups that start, log, end and list
 * their snapshots, and laptops that disconnect and reconnect. They also send what is not stored: a heartbeat every 10 s each,
 * and progress of each running backup every second.
 */
final class BusyFleet implements AutoCloseable {

    private static final int RUNNING = 4;

    /** Not 250: streams look at full seconds, and commits should come at any time between two looks. */
    private static final long STEP_MS = 251;

    /** Steps of a cycle of eight commits; a reconnect causes three of them, so that two steps are empty. */
    private static final int STEPS = 8;

    private record Host(AgentIdentity agent, String schedule) {}

    private record Run(int host, String job, Instant started) {}

    private final String url;
    private final List<Host> hosts = new ArrayList<>();
    private final List<AgentClient> agents = new CopyOnWriteArrayList<>();
    private final long[] sequences;
    private final Deque<Run> running = new ArrayDeque<>();
    private final UlidFactory ids = UlidFactory.newMonotonicInstance();
    private final Random random = new Random(1);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private long steps;
    private int heartbeats;

    /** Connects an agent for each host. */
    BusyFleet(String url, Path dataDir) throws Exception {
        this.url = url;
        var keys = AgentIdentity.newKeys();
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + dataDir.resolve("restic-fleet.db") + "?busy_timeout=5000");
                var sql = connection.createStatement()) {
            sql.execute("UPDATE hosts SET public_key = '" + AgentIdentity.publicKey(keys) + "'");
            // Otherwise runs before the start of this fleet would be recorded as missed.
            sql.execute("UPDATE schedules SET timed_since_at = " + Instant.now().toEpochMilli());
            var rows = sql.executeQuery(
                    "SELECT h.id, h.hostname, s.id FROM hosts h JOIN schedules s ON s.host_id = h.id ORDER BY h.id");
            while (rows.next()) {
                hosts.add(new Host(new AgentIdentity(rows.getString(1), rows.getString(2), keys), rows.getString(3)));
            }
        }
        sequences = new long[hosts.size()];
        timer.scheduleAtFixedRate(this::sendHeartbeats, STEP_MS, STEP_MS, TimeUnit.MILLISECONDS);
        for (var host : hosts) {
            agents.add(connect(host));
        }
    }

    private AgentClient connect(Host host) throws InterruptedException {
        var agent = AgentClient.open(url);
        var hello = SampleHellos.ofProcess(
                host.agent.hello(Protocol.VERSION, 1, Instant.now()), host.agent.hostId() + "-1");
        agent.send(host.agent.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.send(new ToServer.ScheduleAck(
                agent.receive(ToAgent.ScheduleSet.class).version(), Optional.empty()));
        return agent;
    }

    void start() {
        timer.scheduleAtFixedRate(this::step, 0, STEP_MS, TimeUnit.MILLISECONDS);
    }

    private void step() {
        try {
            if (steps % 4 == 0) {
                running.forEach(this::progress);
            }
            switch ((int) (steps++ % STEPS)) {
                case 0 -> startBackup();
                case 1 -> log(running.getLast());
                case 2 -> log(running.getFirst());
                case 4 -> end(running.getFirst()); // a second after the start: each second changes what pages show
                case 5 -> listSnapshots(running.removeFirst());
                case 6 -> reconnect();
                default -> {}
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendHeartbeats() {
        for (int beats = 0; beats < agents.size() * STEP_MS / 10_000; beats++) {
            send(
                    heartbeats++ % agents.size(),
                    new ToServer.Heartbeat(Instant.now(), Optional.empty(), Optional.empty()));
        }
    }

    /** On a busy machine connections are lost; agents reconnect. */
    private void send(int host, ToServer message) {
        try {
            if (agents.get(host).isClosed()) {
                agents.set(host, connect(hosts.get(host)));
            }
            agents.get(host).send(message);
        } catch (CompletionException | InterruptedException e) {
            agents.get(host).abort();
        }
    }

    private void startBackup() {
        do {
            int host = random.nextInt(hosts.size());
            var run = new Run(host, ids.create().toString(), Instant.now());
            send(
                    host,
                    new ToServer.JobStarted(
                            ++sequences[host],
                            new JobId(run.job),
                            JobKind.BACKUP,
                            JobTrigger.CRON,
                            Optional.of(new ScheduleId(hosts.get(host).schedule)),
                            Optional.of(run.started),
                            run.started));
            running.addLast(run);
        } while (running.size() < RUNNING);
    }

    private void progress(Run run) {
        long seconds = Instant.now().getEpochSecond() - run.started.getEpochSecond();
        send(
                run.host,
                new ToServer.JobProgress(
                        new JobId(run.job),
                        Math.min(1, seconds / 10.0),
                        seconds * 1_000,
                        10_000,
                        seconds * 100_000_000,
                        1_000_000_000,
                        0,
                        Optional.of(10 - seconds),
                        Optional.of("/srv/www/media/2026/02/recording-" + seconds + ".wav")));
    }

    private void log(Run run) {
        long line = steps * 10;
        var lines = new ArrayList<LogLine>();
        for (int i = 0; i < 10; i++) {
            lines.add(new LogLine(line + i, Instant.now(), "restic", "start backup on [/etc /home /srv]"));
        }
        send(run.host, new ToServer.LogStream(new JobId(run.job), line + 9, lines));
    }

    private void end(Run run) {
        boolean good = random.nextInt(10) > 0;
        send(
                run.host,
                new ToServer.JobFinished(
                        ++sequences[run.host],
                        new JobId(run.job),
                        JobKind.BACKUP,
                        JobTrigger.CRON,
                        Optional.of(new ScheduleId(hosts.get(run.host).schedule)),
                        Optional.of(run.started),
                        Optional.of(run.started),
                        Instant.now(),
                        good ? JobStatus.SUCCEEDED : JobStatus.FAILED,
                        Optional.of(good ? 0 : 1),
                        good ? Optional.empty() : Optional.of("the repository cannot be reached"),
                        good ? Optional.empty() : Optional.of(ErrorCode.NETWORK.reported()),
                        good ? Optional.of("0123456789abcdef".repeat(4)) : Optional.empty(),
                        new NoResult()));
    }

    private void listSnapshots(Run run) {
        send(run.host, new ToServer.SnapshotsReport(++sequences[run.host], Instant.now(), List.of()));
    }

    private void reconnect() throws InterruptedException {
        int host = random.nextInt(hosts.size());
        if (running.stream().noneMatch(run -> run.host == host)) {
            agents.get(host).abort();
            agents.set(host, connect(hosts.get(host)));
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        agents.forEach(AgentClient::abort);
    }
}
