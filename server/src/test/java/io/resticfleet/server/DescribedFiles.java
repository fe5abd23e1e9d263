package io.resticfleet.server;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.tree.ListingAgent;
import io.resticfleet.server.tree.SampleListing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;

/** The routes about the files of snapshots and about restores, with answers and refusals. */
final class DescribedFiles {

    private DescribedFiles() {}

    static void call(TestServer server, DescribedApi api) throws Exception {
        var old = id("aaaa0001");
        var now = id("bbbb0002");
        var agent = ListingAgent.connect(server, "indexed");
        agent.report(snapshot(old, server.now(), "indexed", id("a1"), "/etc"));
        agent.answer(new SampleListing().file("/etc/passwd", 1_001).link("/etc/mtab", "/proc/mounts"), id("a1"));
        agent.report(
                snapshot(old, server.now(), "indexed", id("a1"), "/etc"),
                snapshot(now, server.now().plusSeconds(60), "indexed", id("b2"), "/etc"));
        agent.answer(new SampleListing().file("/etc/passwd", 1_002).file("/etc/group", 300), id("b2"));
        eventually(() -> assertThat(server.api()
                        .get("/api/find?q=group")
                        .json()
                        .path("items")
                        .size())
                .isEqualTo(1));

        api.get("/api/snapshots/{snapshot}/tree", now);
        api.get("/api/snapshots/{snapshot}/tree?path=/etc/passwd", old);
        api.get("/api/snapshots/{snapshot}/diff/{other}", old, now);
        api.get("/api/snapshots/{snapshot}/diff/{other}", old, "ffffffff");
        api.get("/api/hosts/{host}/versions?path=/etc/passwd", agent.host.hostId());
        api.get("/api/hosts/{host}/versions", agent.host.hostId());
        api.get("/api/find?q=passwd");
        api.get("/api/find");
        api.get("/api/snapshots/{snapshot}/download?path=/etc/passwd&format=rar", now);
    }

    /** Starts restores, allowed and not. */
    static void restores(TestServer server, DescribedApi api) throws Exception {
        var files = server.enrol("files");
        var agent = files.connectInSync();
        var snapshot = "fe".repeat(32);
        agent.sendAndDrain(new SampleReports(server).snapshots(1, server.now(), snapshot));
        var folder = Map.of(
                "snapshot_id", snapshot,
                "host_id", files.hostId(),
                "paths", List.of("/etc/passwd"),
                "target", Map.of("kind", "new_folder"));
        api.post("/api/restores", folder);
        api.post("/api/restores", Map.of());
        var inPlace = new HashMap<String, Object>(folder);
        inPlace.put("target", Map.of("kind", "in_place"));
        var call = new FutureTask<>(() -> api.post("/api/restores", inPlace));
        new Thread(call, "restore").start();
        agent.send(new ToServer.Answer(
                agent.receive(ToAgent.Question.class).id(),
                PermissionReport.needsApproval("ABCD-EFGH", "not allowed yet", List.of())));
        call.get();
    }
}
