package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.question.Questions;
import java.util.List;
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

    private static List<Ask> paths(int number) {
        return IntStream.range(0, number)
                .<Ask>mapToObj(i -> new Ask.Path("/" + i, true))
                .toList();
    }
}
