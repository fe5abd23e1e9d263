package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Count;
import io.resticfleet.protocol.PathReport.Cut;
import io.resticfleet.protocol.PathReport.Kind;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The checks of paths in the schedule form, with the answers of agents. */
class PathChecksTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void each_path_is_shown_with_the_agents_answer() throws Exception {
        var agent = connect(web);
        var shown = check("/srv", "/link", "/none", "/etc/passwd");

        answer(
                agent,
                "/srv",
                new PathReport(
                        Kind.DIRECTORY,
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new Count(12_000, 1, 2_048, 3, Optional.of(Cut.TIME))),
                        Optional.empty()));
        answer(
                agent,
                "/link",
                new PathReport(
                        Kind.SYMLINK,
                        true,
                        Optional.empty(),
                        Optional.of("../<b>"),
                        Optional.empty(),
                        Optional.empty()));
        answer(agent, "/none", PathReport.of(Kind.MISSING));
        answer(
                agent,
                "/etc/passwd",
                new PathReport(
                        Kind.FILE,
                        false,
                        Optional.of(5L),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("the agent may not read it")));

        assertThat(shown.join())
                .contains(
                        "<p class=\"hint\"><code>/srv</code>: directory, at least 12,000 files, 1 directory, 2.0 KiB,"
                                + " 3 unreadable; counting stopped after 2 seconds</p>",
                        "<p class=\"wrong\"><code>/link</code>: symbolic link to ../&lt;b&gt;; restic saves the link, not what it"
                                + " points to, so the backup will be partial. Enter the target instead",
                        "<p class=\"wrong\"><code>/none</code>: does not exist</p>",
                        "<p class=\"wrong\"><code>/etc/passwd</code>: file, 5 B: the agent may not read it</p>");
    }

    @Test
    void a_path_without_files_is_a_warning_unless_that_is_allowed() throws Exception {
        var agent = connect(web);
        var empty = new PathReport(
                Kind.MOUNT_POINT,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Count(0, 1, 0, 0, Optional.empty())),
                Optional.empty());
        var warned = check("/srv");
        answer(agent, "/srv", empty);
        assertThat(warned.join()).contains("<p class=\"wrong\">", "the backup will be partial while it has no files");

        var allowed = checkWith("one_file_system=on&allow_empty=on", "/srv");
        answer(agent, "/srv", empty);
        assertThat(allowed.join()).contains("<p class=\"hint\">").doesNotContain("partial");
    }

    @Test
    void a_path_where_nothing_is_mounted_is_a_warning() throws Exception {
        var agent = connect(web);
        var shown = check("/mnt/disk/data", "/mnt/disk/none");

        answer(agent, "/mnt/disk/data", PathReport.of(Kind.DIRECTORY).with(Optional.of("/mnt/disk")));
        answer(agent, "/mnt/disk/none", PathReport.of(Kind.MISSING).with(Optional.of("/mnt/disk")));

        assertThat(shown.join())
                .contains(
                        "<p class=\"wrong\"><code>/mnt/disk/data</code>: directory. Nothing is mounted at /mnt/disk,"
                                + " although the machine's fstab has it</p>",
                        "<code>/mnt/disk/none</code>: does not exist. Nothing is mounted at /mnt/disk");
    }

    @Test
    void an_invalid_path_causes_no_question() throws Exception {
        var agent = connect(web);
        var shown = check("etc", "/srv");

        answer(agent, "/srv", PathReport.of(Kind.OTHER));

        assertThat(shown.join())
                .contains(
                        "<code>/srv</code>: device, pipe or socket",
                        "<code>etc</code>: a path must be absolute, starting with /");
    }

    @Test
    void paths_beyond_the_eighth_are_counted_and_not_checked() throws Exception {
        var agent = connect(web);
        var shown = check(IntStream.range(0, 11).mapToObj(i -> "/" + i).toArray(String[]::new));

        for (int i = 0; i < 8; i++) {
            answer(agent, "/" + i, PathReport.of(Kind.OTHER));
        }

        assertThat(shown.join())
                .contains("<code>/7</code>", "3 more not checked")
                .doesNotContain("/8<");
    }

    @Test
    void an_offline_host_is_shown_as_offline() {
        assertThat(check("/srv", "/etc").join())
                .contains("Paths: not checked, the machine is offline")
                .doesNotContain("<code>");
    }

    @Test
    void an_older_agent_gets_no_question() throws Exception {
        var agent = web.connectInSync();

        assertThat(check("/srv").join()).contains("the machine's agent is too old for questions; upgrade it");
        assertThat(agent.drain()).noneMatch(ToAgent.Question.class::isInstance);
    }

    @Test
    void the_agents_reason_for_a_refusal_is_shown_once() throws Exception {
        var agent = connect(web);
        var shown = check("/srv", "/etc");

        answer(agent, "/srv", new Reply.Failure("questions_off", "the owner does not allow questions"));
        answer(agent, "/etc", new Reply.Failure("questions_off", "the owner does not allow questions"));

        assertThat(shown.join())
                .contains("Paths: not checked, the owner does not allow questions")
                .doesNotContain("<code>");
    }

    @Test
    void a_question_without_an_answer_is_cancelled() throws Exception {
        var agent = connect(web);
        var shown = check("/srv");
        var question = agent.receive(ToAgent.Question.class);

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(16));

        assertThat(shown.join()).contains("no answer from the machine's agent within 15 s");
        assertThat(agent.receive(ToAgent.QuestionCancel.class).id()).isEqualTo(question.id());
        agent.sendAndDrain(new ToServer.Answer(question.id(), PathReport.of(Kind.MISSING))); // ignored
    }

    @Test
    void a_lost_connection_ends_the_wait() throws Exception {
        var agent = connect(web);
        var shown = check("/srv");
        agent.receive(ToAgent.Question.class);

        agent.abort();

        assertThat(shown.join()).contains("the connection to the machine ended; try again");
    }

    @Test
    void a_newer_connection_ends_the_wait() throws Exception {
        var shown = check(connect(web), "/srv");

        connect(web);

        assertThat(shown.join()).contains("the connection to the machine ended; try again");
    }

    @Test
    void a_newer_request_of_the_same_user_replaces_the_older() throws Exception {
        var agent = connect(web);
        var older = check("/old");
        var question = agent.receive(ToAgent.Question.class);

        var newer = check("/new");

        assertThat(older.join()).contains("a newer request replaced this one");
        assertThat(agent.receive(ToAgent.QuestionCancel.class).id()).isEqualTo(question.id());
        answer(agent, "/new", PathReport.of(Kind.MISSING));
        assertThat(newer.join()).contains("<code>/new</code>: does not exist");
    }

    @Test
    void an_answer_of_another_machine_is_ignored() throws Exception {
        var other = connect(server.enrol("other"));
        var agent = connect(web);
        var shown = check("/srv");
        var question = agent.receive(ToAgent.Question.class);

        other.sendAndDrain(new ToServer.Answer(question.id(), PathReport.of(Kind.MISSING)));
        agent.send(new ToServer.Answer(question.id(), PathReport.of(Kind.OTHER)));

        assertThat(shown.join()).contains("device, pipe or socket");
    }

    @Test
    void the_server_stops_while_an_answer_is_missing() throws Exception {
        var agent = connect(web);
        var shown = check("/srv");
        agent.receive(ToAgent.Question.class);

        server.stop();

        assertThat(shown.handle((text, failure) -> failure == null ? text : "cut off")
                        .join())
                .containsAnyOf("the server is being stopped", "cut off");
        server.start();
    }

    @Test
    void paths_are_checked_for_signed_in_users_only() throws Exception {
        var answer = server.api()
                .request(
                        "POST",
                        path(),
                        "paths=/srv",
                        "Content-Type",
                        "application/x-www-form-urlencoded",
                        "Accept",
                        "text/html");

        assertThat(answer.text()).doesNotContain("paths-echo");
        assertThat(answer.status()).isIn(303, 401);
    }

    private AgentClient connect(EnrolledAgent machine) throws Exception {
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(machine.hello(0, server.now()), Ask.features());
        agent.send(machine.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();
        return agent;
    }

    private static void answer(AgentClient agent, String path, Reply reply) throws Exception {
        var question = agent.receive(ToAgent.Question.class);
        assertThat(question.what()).isEqualTo(new Ask.Path(path, true));
        agent.send(new ToServer.Answer(question.id(), reply));
    }

    /** Checks a path, and returns once the agent has received the question. */
    private CompletableFuture<String> check(AgentClient agent, String path) throws Exception {
        var shown = check(path);
        agent.receive(ToAgent.Question.class);
        return shown;
    }

    private CompletableFuture<String> check(String... paths) {
        return checkWith("one_file_system=on", paths);
    }

    private CompletableFuture<String> checkWith(String options, String... paths) {
        var body = options + "&paths=" + URLEncoder.encode(String.join("\n", paths), StandardCharsets.UTF_8);
        return CompletableFuture.supplyAsync(() -> post(body));
    }

    private String post(String body) {
        try {
            return server.api()
                    .request(
                            "POST",
                            path(),
                            body,
                            "Cookie",
                            "rf_session=" + server.session(),
                            "Origin",
                            server.url(),
                            "Content-Type",
                            "application/x-www-form-urlencoded")
                    .text();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private String path() {
        return "/hosts/" + web.hostId() + "/schedules/paths";
    }
}
