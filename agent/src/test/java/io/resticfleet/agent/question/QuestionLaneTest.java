package io.resticfleet.agent.question;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lane's bounds, with answers that come when the test lets them. */
class QuestionLaneTest {

    private static final Reply FOUND = PathReport.of(PathReport.Kind.MISSING);

    @TempDir
    Path root;

    final AtomicLong skipped = new AtomicLong();
    final List<ToServer.Answer> answers = new CopyOnWriteArrayList<>();

    /** By path: what is being looked at, and whether somebody still waits for it. */
    final Map<String, BooleanSupplier> begun = new ConcurrentHashMap<>();

    final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    QuestionLane lane;

    @BeforeEach
    void open() {
        lane = new QuestionLane(
                new PolicyFile(root.resolve("policy.json"), HookRule.OFF),
                this::look,
                Threads.OF_SYSTEM,
                () -> System.nanoTime() + skipped.get(),
                answer -> answers.add((ToServer.Answer) answer));
    }

    @AfterEach
    void letGo() {
        held.values().forEach(CountDownLatch::countDown);
    }

    @Test
    void two_are_answered_at_a_time_and_the_next_when_one_has_ended() {
        ask("/hangs/1", "/hangs/2", "/free");
        eventually(() -> assertThat(begun).containsOnlyKeys("/hangs/1", "/hangs/2"));
        assertThat(answers).isEmpty();

        release("/hangs/1");

        eventually(() -> assertThat(answered()).containsExactlyInAnyOrder("/hangs/1", "/free"));
    }

    @Test
    void what_is_more_than_can_wait_is_refused_at_once() {
        ask("/hangs/1", "/hangs/2");
        for (int i = 0; i < 16; i++) {
            ask("/" + i);
        }

        for (int i = 16; i < 1_000; i++) {
            ask("/" + i);
        }

        assertThat(answers)
                .hasSize(984)
                .allSatisfy(answer -> assertThat(code(answer)).isEqualTo("busy"));
        release("/hangs/1");
        eventually(() -> assertThat(answers).hasSize(984 + 1 + 16));
    }

    @Test
    void one_that_hangs_is_given_up_at_its_time_limit_and_keeps_no_place() {
        ask("/hangs/1", "/hangs/2", "/free");
        eventually(() -> assertThat(begun).hasSize(2));

        pass(Duration.ofSeconds(6));

        eventually(() -> assertThat(answers).hasSize(3));
        assertThat(answers).allSatisfy(answer -> assertThat(code(answer)).isEqualTo("timeout"));
        assertThat(lane.stuck()).isEqualTo(2);
        assertThat(begun.get("/hangs/1").getAsBoolean()).isTrue();
        ask("/free/again");
        eventually(() -> assertThat(answered()).contains("/free/again"));
    }

    @Test
    void while_too_many_hang_all_are_refused_until_one_returns() {
        for (var hanging : List.of("/hangs/1", "/hangs/2", "/hangs/3", "/hangs/4")) {
            ask(hanging);
            eventually(() -> assertThat(begun).containsKey(hanging));
            pass(Duration.ofSeconds(6));
            eventually(() -> assertThat(answered()).contains(hanging));
        }
        assertThat(lane.stuck()).isEqualTo(4);

        ask("/free");

        var refused = answers.get(answers.size() - 1);
        assertThat(refused.re()).isEqualTo("/free");
        assertThat(code(refused)).isEqualTo("busy");
        assertThat(((Reply.Failure) refused.reply()).detail()).contains("4 earlier questions still hang");
        release("/hangs/2");
        eventually(() -> assertThat(lane.stuck()).isEqualTo(3));
        ask("/free/again");
        eventually(() -> assertThat(answers).contains(new ToServer.Answer("/free/again", FOUND)));
        assertThat(answered()).doesNotHaveDuplicates(); // one that returned late is not answered twice
    }

    @Test
    void a_cancelled_question_is_not_answered() {
        ask("/hangs/1", "/hangs/2", "/waits");
        eventually(() -> assertThat(begun).hasSize(2));

        lane.cancel(new ToAgent.QuestionCancel("/waits"));
        lane.cancel(new ToAgent.QuestionCancel("/hangs/1"));
        lane.cancel(new ToAgent.QuestionCancel("nobody asked this"));
        assertThat(begun.get("/hangs/1").getAsBoolean()).isTrue(); // it can end early
        release("/hangs/1");
        release("/hangs/2");
        ask("/last");

        eventually(() -> assertThat(answered()).containsExactlyInAnyOrder("/hangs/2", "/last"));
    }

    @Test
    void what_was_asked_on_a_connection_that_ended_is_not_answered_on_the_next() {
        ask("/hangs/1", "/hangs/2", "/waits");
        eventually(() -> assertThat(begun).hasSize(2));

        lane.disconnected();
        release("/hangs/1");
        release("/hangs/2");
        ask("/next");

        eventually(() -> assertThat(answered()).containsExactly("/next"));
    }

    @Test
    void the_second_question_of_an_id_is_none() {
        ask("/hangs/1", "/hangs/2", "/waits");
        ask("/hangs/1", "/waits");
        eventually(() -> assertThat(begun).hasSize(2));

        release("/hangs/1");
        release("/hangs/2");

        eventually(() -> assertThat(answered()).containsExactlyInAnyOrder("/hangs/1", "/hangs/2", "/waits"));
    }

    @Test
    void an_owner_who_allows_no_questions_has_none_answered() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"questions\":\"off\"}");

        ask("/hangs/1");

        eventually(() -> assertThat(answers).hasSize(1));
        assertThat(code(answers.get(0))).isEqualTo("questions_off");
        assertThat(begun).isEmpty();
    }

    @Test
    void a_fault_while_answering_is_an_answer_too() {
        ask("/broken", "/free");

        eventually(() -> assertThat(answers).hasSize(2));
        assertThat(answers)
                .filteredOn(answer -> answer.re().equals("/broken"))
                .singleElement()
                .satisfies(answer -> assertThat(code(answer)).isEqualTo("failed"));
    }

    @Test
    void nothing_is_left_running_when_all_is_answered() {
        ask("/free", "/free/2");

        eventually(() -> assertThat(answers).hasSize(2));
        eventually(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("question")));
    }

    private Reply look(Ask ask, BooleanSupplier over) {
        var path = ((Ask.Path) ask).path();
        begun.put(path, over);
        if (path.equals("/broken")) {
            throw new IllegalStateException("broken");
        }
        if (path.startsWith("/hangs")) {
            await(latch(path));
        }
        return FOUND;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("a thread in the kernel is not interrupted", e);
        }
    }

    private CountDownLatch latch(String path) {
        return held.computeIfAbsent(path, any -> new CountDownLatch(1));
    }

    private void release(String path) {
        latch(path).countDown();
    }

    /** Each under its path as id, for five seconds. */
    private void ask(String... paths) {
        for (var path : paths) {
            lane.ask(new ToAgent.Question(path, 5_000, new Ask.Path(path, true)));
        }
    }

    private void pass(Duration time) {
        skipped.addAndGet(time.toNanos());
    }

    private List<String> answered() {
        return answers.stream().map(ToServer.Answer::re).toList();
    }

    private static String code(ToServer.Answer answer) {
        return ((Reply.Failure) answer.reply()).code();
    }
}
