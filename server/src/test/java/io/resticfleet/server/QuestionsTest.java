package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.protocol.SshHostKey;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.question.Questions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bounds of questions, with several users. */
class QuestionsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void sixteen_questions_of_one_host_are_open_at_most() throws Exception {
        var web = server.enrol("web");
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(web.hello(0, server.now()), Ask.features());
        agent.send(web.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain(); // the welcome is sent before the host counts as connected
        var questions = new Questions(server.app().parts().agents(), System::nanoTime);
        var first = CompletableFuture.supplyAsync(() -> questions.ask(new HostId(web.hostId()), "anna", paths(16)));
        for (int i = 0; i < 16; i++) {
            agent.receive(ToAgent.Question.class);
        }

        assertThat(questions.ask(new HostId(web.hostId()), "ben", paths(1)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo("busy"));

        questions.close();
        assertThat(first.join()).hasSize(16);
    }

    @Test
    void the_api_shows_how_a_machine_could_open_an_sftp_repository_and_why_not() throws Exception {
        var web = server.enrol("web");
        var path = "/api/hosts/" + web.hostId() + "/ssh-access";
        assertThat(server.api().post(path, Map.of("url", "rest:http://nas/")).outcome())
                .isEqualTo("400 invalid_repository_url");
        assertThat(server.api().post(path, Map.of("url", "sftp:nas:/srv")).outcome())
                .isEqualTo("409 offline");
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(web.hello(0, server.now()), Ask.features());
        agent.send(web.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();

        var key = new SshHostKey(
                "[nas]:2222 ssh-ed25519" + " AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
        var answer = asked(agent, path, new SshAccess("ssh-ed25519 AAAA restic-fleet", List.of(key)));
        assertThat(answer.at("/public_key")).isEqualTo("ssh-ed25519 AAAA restic-fleet");
        assertThat(answer.at("/host_keys/0/type")).isEqualTo("ssh-ed25519");
        assertThat(answer.at("/host_keys/0/fingerprint"))
                .isEqualTo("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        assertThat(answer.at("/host_keys/0/line")).isEqualTo(key.line());

        var refused = asked(agent, path, new Reply.Failure("unreachable", "nas:2222: Connection refused"));
        assertThat(refused.outcome()).isEqualTo("409 unreachable");
        assertThat(refused.at("/detail")).isEqualTo("nas:2222: Connection refused");
    }

    private ApiResponse asked(AgentClient agent, String path, Reply reply) throws Exception {
        var url = Map.of("url", "sftp://user@nas:2222//srv");
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                return server.api().post(path, url);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        var question = agent.receive(ToAgent.Question.class);
        assertThat(question.what()).isEqualTo(new Ask.Ssh(new RepositoryUrl("sftp://user@nas:2222//srv")));
        agent.send(new ToServer.Answer(question.id(), reply));
        return answer.join();
    }

    private static List<Ask> paths(int number) {
        return IntStream.range(0, number)
                .<Ask>mapToObj(i -> new Ask.Path("/" + i, true))
                .toList();
    }
}
