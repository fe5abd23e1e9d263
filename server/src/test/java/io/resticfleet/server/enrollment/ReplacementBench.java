package io.resticfleet.server.enrollment;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentIdentity;
import io.resticfleet.server.ApiClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.security.KeyPair;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Asks for replacements of one host's machine, and joins as new ones. */
final class ReplacementBench {

    static final String PASSWORD = "correct horse";

    private final TestServer server;
    private final EnrolledAgent web;

    /** The key of the last machine that tried to join. */
    private KeyPair keys;

    ReplacementBench(TestServer server, EnrolledAgent web) {
        this.server = server;
        this.web = web;
    }

    String publicKey() {
        return AgentIdentity.publicKey(keys);
    }

    String path() {
        return "/api/hosts/" + web.hostId() + "/replacements";
    }

    ApiResponse line() throws Exception {
        var answer = ask(path(), PASSWORD);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer;
    }

    ApiResponse ask(String path, String password) throws Exception {
        return server.api()
                .request(
                        "POST",
                        path,
                        ApiClient.json(Map.of("password", password)),
                        "Cookie",
                        "rf_session=" + server.session(),
                        "Origin",
                        server.url());
    }

    ApiResponse join(ApiResponse line, String hostname, Optional<String> replaces) throws Exception {
        keys = AgentIdentity.newKeys();
        return join(line, hostname, replaces, AgentIdentity.publicKey(keys));
    }

    ApiResponse join(ApiResponse line, String hostname, Optional<String> replaces, String key) throws Exception {
        var body = new HashMap<>(Samples.enrolment(line.at("/token"), hostname, key));
        replaces.ifPresent(id -> body.put("replaces", id));
        return server.api().request("POST", "/api/agents/enroll", ApiClient.json(body));
    }

    EnrolledAgent agent(ApiResponse joined) {
        return new EnrolledAgent(server, new AgentIdentity(joined.at("/host_id"), joined.at("/hostname"), keys));
    }

    String refusal(EnrolledAgent machine) throws Exception {
        return refusal(machine, machine.hello(0, server.now()));
    }

    /** Code of the rejection; empty if it is welcome. */
    String refusal(EnrolledAgent machine, Hello hello) throws Exception {
        var agent = server.dial();
        agent.send(machine.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        var answer = agent.receiveUnlessClosed().orElseThrow();
        if (answer instanceof ToAgent.Reject reject) {
            assertThat(reject.permanent()).isTrue();
            return reject.code();
        }
        return "";
    }
}
