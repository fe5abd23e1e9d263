package io.resticfleet.server;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.tree.ListingAgent;
import io.resticfleet.server.tree.SampleListing;

/** The routes about the files of snapshots, with answers and refusals. */
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
}
