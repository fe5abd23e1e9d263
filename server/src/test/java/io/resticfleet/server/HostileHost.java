package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.job.SampleReports;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Attacks of an enrolled machine on a server. */
final class HostileHost {

    private static final int CONNECTIONS = 13;

    private final TestServer database;
    private final EnrolledAgent machine;
    private final String url;
    private final String schedule;
    private final int jobs;
    private long sequence;
    private Optional<AgentClient> connection = Optional.empty();

    /** Returns when the server has handled it, or has closed the connection. */
    interface Attack {
        void run() throws Exception;
    }

    /**
     * @param database in which the machine is enrolled
     * @param url of the server that is attacked
     * @param schedule of another machine
     * @param jobs that a flood makes up
     */
    HostileHost(TestServer database, EnrolledAgent machine, String url, String schedule, int jobs) {
        this.database = database;
        this.machine = machine;
        this.url = url;
        this.schedule = schedule;
        this.jobs = jobs;
    }

    /** Each by its name. */
    Map<String, Attack> attacks() {
        var attacks = new LinkedHashMap<String, Attack>();
        attacks.put("lists of snapshots that are as long as a message has room for", this::offerLargeSnapshots);
        attacks.put(
                "every message, with every field at its limit and beyond",
                () -> new HostileFrames().forEach(this::send));
        attacks.put(CONNECTIONS + " unfinished messages of 15.9 MB", this::beginLargeMessages);
        attacks.put("made-up jobs and long logs", this::flood);
        return attacks;
    }

    private void send(String frame) {
        try {
            if (connection.isEmpty() || connection.get().isClosed()) {
                connection = Optional.of(machine.connectInSyncTo(url));
            }
            connection.get().sendText(frame);
            connection.get().drain();
        } catch (Exception | AssertionError e) {
            assertThat(connection.get().isClosed())
                    .as(e + " after " + frame.substring(0, Math.min(200, frame.length())))
                    .isTrue();
        }
    }

    private void offerLargeSnapshots() throws Exception {
        var agent = machine.connectInSyncTo(url);
        var repository = new RepositoryId(
                database.sql("SELECT repository_id FROM host_repositories WHERE host_id = '" + machine.hostId() + "'")
                        .get(0));
        var other = new SnapshotChecksums();
        other.toggle(SnapshotChecksums.key("f".repeat(64)));
        agent.send(new SnapshotsOffer(1, repository, database.now(), 12, other.toString(), false));
        agent.receive(ToAgent.SnapshotsWanted.class);
        for (int piece = 1; piece <= 6; piece++) {
            agent.sendText("{\"type\":\"snapshots.piece\",\"report\":1,\"number\":" + piece + ",\"added\":["
                    + largeSnapshot(2 * piece) + "," + largeSnapshot(2 * piece + 1) + "],\"removed\":[],\"last\":"
                    + (piece == 6) + "}");
            agent.drain();
        }
    }

    private static String largeSnapshot(int number) {
        var texts = "[" + ("\"" + "x".repeat(3_600) + "\",").repeat(1_000) + "\"x\"]";
        return ("{\"id\":\"%064x\",\"short_id\":\"%08x\",\"time\":\"2026-03-01T12:00:00Z\",\"hostname\":\"h\","
                        + "\"username\":\"root\",\"paths\":%s,\"tags\":%s}")
                .formatted(number, number, texts, texts);
    }

    private void beginLargeMessages() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            var agent = machine.connectInSyncTo(url);
            try {
                agent.sendPart("{\"type\":\"" + "x".repeat(15_900_000));
            } catch (RuntimeException e) {
                assertThat(agent.isClosed()).isTrue();
            }
        }
    }

    private void flood() throws Exception {
        var reports = new SampleReports(database);
        var agent = machine.connectInSyncTo(url);
        for (int i = 0; i < jobs; i++) {
            sequence++;
            agent.send(reports.finished(sequence, UlidCreator.getMonotonicUlid().toString(), schedule));
        }
        agent.drain();
        var logged = database.sql("SELECT id FROM jobs WHERE host_id = '" + machine.hostId() + "' LIMIT 3");
        for (var id : logged) {
            agent.send(reports.log(id, 1, 2_000, "x".repeat(4_000)));
            agent.drain();
        }
    }
}
