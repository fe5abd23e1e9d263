package io.resticfleet.server.tree;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.TransferToken;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An agent that lists snapshots, without restic. */
public final class ListingAgent {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final TestServer server;
    public final EnrolledAgent host;
    final AgentClient agent;
    private long sequence;

    private ListingAgent(TestServer server, EnrolledAgent host, AgentClient agent) {
        this.server = server;
        this.host = host;
        this.agent = agent;
    }

    public static ListingAgent connect(TestServer server, String hostname) throws Exception {
        var host = server.enrol(hostname);
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(host.hello(0, server.now()), Protocol.features());
        agent.send(host.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        var set = agent.receive(ToAgent.ScheduleSet.class);
        agent.sendAndDrain(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        return new ListingAgent(server, host, agent);
    }

    /** An id that begins with these digits. */
    public static String id(String digits) {
        return digits + "0".repeat(64 - digits.length());
    }

    /**
     * A snapshot.
     *
     * @param tree restic's id of its root directory
     */
    public static Snapshot snapshot(String id, Instant time, String hostname, String tree, String... paths) {
        return new Snapshot(
                id,
                id.substring(0, 8),
                time,
                hostname,
                "root",
                List.of(paths),
                List.of(),
                Optional.empty(),
                Optional.of(tree),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Reports the whole list of the host's snapshots. */
    public void report(Snapshot... snapshots) throws Exception {
        sequence++;
        agent.send(new ToServer.SnapshotsReport(sequence, server.now(), List.of(snapshots)));
    }

    /** The server's next request for all files of a snapshot. */
    ToAgent.TreeWanted wanted() throws Exception {
        return agent.receive(ToAgent.TreeWanted.class);
    }

    /** Sends the files of a snapshot when it is asked for them. */
    public HttpResponse<String> answer(SampleListing files, String tree) throws Exception {
        var wanted = wanted();
        return upload(wanted.transfer(), files.of(wanted.snapshotId(), tree));
    }

    HttpResponse<String> upload(TransferToken to, byte[] body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + to.path()))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
