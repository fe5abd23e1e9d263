package io.resticfleet.server.page.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A host whose agent has sent the files of its snapshots. */
public final class IndexedHost {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final TestServer server;
    private final EnrolledAgent enrolled;
    private final Map<String, SampleTree> trees = new LinkedHashMap<>();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private AgentClient agent;

    public IndexedHost(EnrolledAgent enrolled) {
        this.server = enrolled.server();
        this.enrolled = enrolled;
    }

    /** With two snapshots of a desktop's files, an hour and a day ago. */
    public static IndexedHost desktop(TestServer server) throws Exception {
        var repository = Samples.repository("rest:https://nas:8000/desktop/");
        return new IndexedHost(server.enrol("desktop", Map.of("repository", repository)))
                .with(desktop(server, 0), server.now().minus(Duration.ofHours(25)))
                .with(desktop(server, 1), server.now().minus(Duration.ofHours(1)))
                .connect();
    }

    private static SampleTree desktop(TestServer server, int day) {
        var tree = new SampleTree()
                .file("/etc/hosts", 221)
                .file("/etc/fstab", 1_204)
                .link("/home/anna/latest", "Documents/Tax return 2025.ods")
                .file("/home/anna/.bashrc", 3_526)
                .file("/home/anna/Documents/Letter to the landlord.odt", 24_388)
                .file("/home/anna/Documents/Tax return 2025.ods", 1_482_113)
                .file("/home/anna/Pictures/Cornwall/DSC_0412.jpg", 8_113_402)
                .file("/home/anna/Pictures/Cornwall/DSC_0413.jpg", 7_902_115)
                .file(
                        SnapshotPath.of("/home/anna")
                                .child(RawText.of(new byte[] {'c', 'a', 'f', (byte) 0xe9, '.', 't'})),
                        812,
                        server.now().minus(Duration.ofDays(900)))
                .file("/home/anna/shopping\nlist.txt", 97)
                .file(
                        SnapshotPath.of("/home/anna/thesis.tex"),
                        412_000 + day * 18_211,
                        server.now().minus(Duration.ofHours(26 - 22 * day)));
        return day == 0
                ? tree.file("/home/anna/old draft.tex", 398_120)
                : tree.file("/home/anna/Videos/recital.mp4", 734_003_200).file("/home/anna/Videos/recital.srt", 41_233);
    }

    /** Adds a snapshot of /etc and /home; the next one is newer. */
    public IndexedHost with(SampleTree tree, Instant time) {
        var id = HexFormat.of()
                .toHexDigits(enrolled.hostId().hashCode() + trees.size())
                .repeat(8);
        trees.put(id, tree);
        snapshots.add(new Snapshot(
                id,
                id.substring(0, 8),
                time,
                enrolled.hostname(),
                "root",
                List.of("/etc", "/home"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        return this;
    }

    /** Connects, reports the snapshots, and sends the files that the server asks for. */
    public IndexedHost connect() throws Exception {
        agent = server.dial();
        var hello = SampleHellos.withFeatures(enrolled.hello(0, server.now()), Protocol.features());
        agent.send(enrolled.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        var set = agent.receive(ToAgent.ScheduleSet.class);
        agent.send(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        agent.send(new ToServer.SnapshotsReport(1, server.now(), List.copyOf(snapshots)));
        for (int sent = 0; sent < trees.size(); sent++) {
            var wanted = agent.receive(ToAgent.TreeWanted.class);
            upload(wanted.transfer().path(), trees.get(wanted.snapshotId()).listing(wanted.snapshotId()));
        }
        var versions = "/api" + path() + "/versions?path=/etc/hosts";
        Eventually.eventually(() -> assertThat(
                        server.api().get(versions).json().path("incomplete").asBoolean())
                .isFalse());
        return this;
    }

    private void upload(String path, byte[] body) throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
    }

    /** Id of a snapshot, in the order added. */
    public String snapshot(int index) {
        return snapshots.get(index).id();
    }

    public String path() {
        return "/hosts/" + enrolled.hostId();
    }

    public EnrolledAgent enrolled() {
        return enrolled;
    }

    public AgentClient agent() {
        return agent;
    }
}
