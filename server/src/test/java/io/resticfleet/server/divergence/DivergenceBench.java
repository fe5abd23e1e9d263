package io.resticfleet.server.divergence;

import static io.resticfleet.server.Samples.NIGHTLY;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
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
    final EnrolledAgent web;
    final String nightly;
    final String epoch;

    /** @param elsewhere where copies are kept */
    DivergenceBench(TestServer server, Path elsewhere) throws Exception {
        this.server = server;
        this.elsewhere = elsewhere;
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
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
        TestServer.restore(server.directory(), from, () -> server.now());
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

    ApiResponse decide(String decision) throws Exception {
        return server.api().post("/api/hosts/" + web.hostId() + "/restored", Map.of("decision", decision));
    }

    String reason() throws Exception {
        return server.api().get("/api/restored").at("/items/0/reason");
    }

    String currentEpoch() throws Exception {
        return server.sql("SELECT epoch FROM database_epoch").get(0);
    }

    ToAgent.Welcome welcome(long version, Optional<String> known, Optional<Long> acked) throws Exception {
        var agent = server.dial();
        agent.send(web.sign(
                SampleHellos.afterEpoch(web.hello(version, server.now()), known, acked),
                agent.receive(ToAgent.Challenge.class).nonce()));
        return agent.receive(ToAgent.Welcome.class);
    }

    /** Connects an agent that has known a database of this epoch. */
    AgentClient connect(long version, String known, long acked) throws Exception {
        var agent = server.dial();
        agent.send(web.sign(
                SampleHellos.afterEpoch(web.hello(version, server.now()), Optional.of(known), Optional.of(acked)),
                agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        return agent;
    }

    void report(long sequence) throws Exception {
        connect(1, epoch, sequence - 1).sendAndDrain(new ToServer.SnapshotsReport(sequence, server.now(), List.of()));
    }
}
