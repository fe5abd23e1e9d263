package io.resticfleet.server.divergence;

import static io.resticfleet.server.TestServer.NIGHTLY;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Answer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.DatabaseFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server with one host, and a copy of its database to put back. */
final class DivergenceBench {

    private final TestServer server;
    private final Path elsewhere;
    final FakeMachine web;
    final String nightly;
    final String epoch;

    /** @param elsewhere where copies are kept */
    DivergenceBench(TestServer server, Path elsewhere) throws Exception {
        this.server = server;
        this.elsewhere = elsewhere;
        web = server.enrol("web");
        nightly = server.schedule(web, NIGHTLY);
        epoch = welcome(1, Optional.empty(), Optional.empty()).epoch().orElseThrow();
        DatabaseFile.copy(server.directory(), copy());
    }

    Path copy() {
        return elsewhere.resolve("copy.db");
    }

    void restoreByCommand() {
        server.stop();
        restoreByCommand(copy());
    }

    void restoreByCommand(Path from) {
        TestServer.restore(server.directory(), from, () -> server.now);
        server.start();
    }

    void putBackByHand() throws Exception {
        putBack(copy());
    }

    void putBack(Path from) throws Exception {
        server.stop();
        Files.copy(from, DatabaseFile.in(server.directory()), StandardCopyOption.REPLACE_EXISTING);
        for (var log : List.of("-wal", "-shm")) {
            Files.deleteIfExists(server.directory().resolve("restic-fleet.db" + log));
        }
        server.start();
    }

    Answer decide(String decision) throws Exception {
        return server.post("/api/hosts/" + web.hostId() + "/restored", Map.of("decision", decision));
    }

    String reason() throws Exception {
        return server.get("/api/restored").at("/items/0/reason");
    }

    String currentEpoch() throws Exception {
        return server.sql("SELECT epoch FROM database_epoch").get(0);
    }

    ToAgent.Welcome welcome(long version, Optional<String> known, Optional<Long> acked) throws Exception {
        var agent = server.dial();
        agent.say(web.sign(
                FakeMachine.knowing(web.hello(version, server.now), known, acked),
                agent.hears(ToAgent.Challenge.class).nonce()));
        return agent.hears(ToAgent.Welcome.class);
    }

    /** Connects an agent that has known a database of this epoch. */
    FakeAgent connect(long version, String known, long acked) throws Exception {
        var agent = server.dial();
        agent.say(web.sign(
                FakeMachine.knowing(web.hello(version, server.now), Optional.of(known), Optional.of(acked)),
                agent.hears(ToAgent.Challenge.class).nonce()));
        agent.hears(ToAgent.Welcome.class);
        return agent;
    }

    void report(long sequence) throws Exception {
        connect(1, epoch, sequence - 1).sayAndHear(new ToServer.SnapshotsReport(sequence, server.now, List.of()));
    }
}
