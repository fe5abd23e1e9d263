package io.resticfleet.server.tree;

import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.TestServer;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files that go from an agent through the server to a client. */
class DownloadTest {

    private static final String ID = id("aaaa0001");
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @RegisterExtension
    final TestServer server = new TestServer();

    private final byte[] content = new byte[300_000];
    private ListingAgent web;

    @BeforeEach
    void begin() throws Exception {
        new Random(1).nextBytes(content);
        web = ListingAgent.connect(server, "web");
        web.report(snapshot(ID, server.now(), "web", id("a1"), "/srv"));
        web.answer(new SampleListing().file("/srv/Größe \"x\".bin", content.length), id("a1"));
    }

    private CompletableFuture<HttpResponse<InputStream>> get(String query, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/api/snapshots/" + ID + "/download" + query))
                .header("Authorization", "Bearer " + server.api().token());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static final String FILE = "?path=/srv/Gr%C3%B6%C3%9Fe%20%22x%22.bin";

    /** Answers the server's next question for bytes; what is written is sent. */
    private Ask.Dump started(PipedInputStream bytes) throws Exception {
        var question = web.agent.receive(ToAgent.Question.class);
        var ask = (Ask.Dump) question.what();
        var request = HttpRequest.newBuilder(
                        URI.create(server.url() + ask.transfer().path()))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> bytes))
                .build();
        sent = CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        web.agent.send(new ToServer.Answer(question.id(), new Reply.DumpStarted()));
        return ask;
    }

    private CompletableFuture<HttpResponse<String>> sent;

    @Test
    void a_file_arrives_whole_under_its_name_and_from_the_byte_where_an_earlier_download_ended() throws Exception {
        var answer = get(FILE);
        var bytes = new PipedInputStream(64 * 1024);
        try (var out = new PipedOutputStream(bytes)) {
            var ask = started(bytes);
            assertThat(ask.format()).isEqualTo(DumpFormat.RAW);
            assertThat(ask.file()).isEqualTo(SnapshotPath.of("/srv/Größe \"x\".bin"));
            out.write(content);
        }
        var response = answer.get(20, TimeUnit.SECONDS);
        assertThat(response.body().readAllBytes()).isEqualTo(content);
        assertThat(sent.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(204);
        var headers = response.headers().map();
        assertThat(headers.get("content-length")).containsExactly("300000");
        assertThat(headers.get("content-disposition"))
                .containsExactly(
                        "attachment; filename=\"Gr__e _x_.bin\";" + " filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22x%22.bin");
        assertThat(headers.get("x-content-type-options")).containsExactly("nosniff");
        assertThat(headers.get("content-security-policy").get(0)).contains("sandbox");
        assertThat(server.sql("SELECT action || detail_json FROM audit_log ORDER BY id DESC LIMIT 1")
                        .get(0))
                .startsWith("snapshot.download")
                .contains("/srv/Größe");

        var tag = headers.get("etag").get(0);
        var rest = get(FILE, "Range", "bytes=299990-", "If-Range", tag);
        var restBytes = new PipedInputStream();
        try (var out = new PipedOutputStream(restBytes)) {
            assertThat(started(restBytes).offset()).isEqualTo(299_990);
            out.write(content, 299_990, 10);
        }
        assertThat(rest.get().statusCode()).isEqualTo(206);
        assertThat(rest.get().headers().firstValue("content-range")).contains("bytes 299990-299999/300000");
        assertThat(rest.get().body().readAllBytes()).hasSize(10);
        assertThat(get(FILE, "Range", "bytes=300000-").get().statusCode()).isEqualTo(416);
    }

    @Test
    void an_archive_that_restic_could_not_finish_does_not_look_complete() throws Exception {
        var answer = get("?path=/srv&format=zip");
        var question = web.agent.receive(ToAgent.Question.class);
        var ask = (Ask.Dump) question.what();
        try (var socket = server.api().connect()) {
            var out = socket.getOutputStream();
            out.write(("POST " + ask.transfer().path() + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "20000\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(content, 0, 0x20000);
            out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            web.agent.send(new ToServer.Answer(question.id(), new Reply.DumpStarted()));
            assertThat(answer.get(20, TimeUnit.SECONDS).headers().firstValue("content-disposition"))
                    .contains("attachment; filename=\"srv.zip\"; filename*=UTF-8''srv.zip");
        } // without the last chunk
        assertThatThrownBy(() -> answer.get().body().readAllBytes()).isInstanceOf(java.io.IOException.class);
    }

    @Test
    void an_agent_is_stopped_when_the_client_has_gone() throws Exception {
        var answer = get("?path=/srv&format=tar");
        var bytes = new PipedInputStream(64 * 1024);
        var out = new PipedOutputStream(bytes);
        started(bytes);
        new Thread(() -> fill(out), "restic").start(); // the common pool may have one thread, which the client needs

        answer.get(20, TimeUnit.SECONDS).body().close();

        assertThatThrownBy(() -> {
                    var response = sent.get(5, TimeUnit.SECONDS);
                    assertThat(response.statusCode()).isEqualTo(204);
                })
                .isInstanceOfAny(java.util.concurrent.ExecutionException.class, AssertionError.class);
        bytes.close();
    }

    /** Writes until nobody reads. */
    private void fill(OutputStream out) {
        try (out) {
            while (true) {
                out.write(content);
            }
        } catch (java.io.IOException e) {
            // the reader has gone
        }
    }

    @Test
    void what_the_owner_of_a_machine_refuses_no_other_machine_with_its_repository_sends_or_lists() throws Exception {
        var other = ListingAgent.connect(server, "other");
        web.agent.sendAndDrain(new ToServer.PolicyReport(new HostPolicy(
                "/etc/restic-fleet/policy.json",
                HookRule.OFF,
                "/h",
                List.of(),
                false,
                List.of("rest"),
                Optional.empty(),
                Optional.empty(),
                RepositoryRules.NONE,
                ReadingRules.STRICTEST,
                Optional.empty())));

        assertThat(get("?path=/srv&format=zip").get().statusCode()).isEqualTo(409);
        web.report(snapshot(id("bbbb0002"), server.now(), "web", id("b1"), "/srv"));
        web.agent.drain();
        assertThat(other.agent.drain()).doesNotHaveAnyElementsOfTypes(ToAgent.Question.class, ToAgent.TreeWanted.class);

        other.report(snapshot(id("cccc0003"), server.now(), "other", id("c1"), "/srv"));
        assertThat(other.wanted().snapshotId()).isEqualTo(id("cccc0003"));
    }

    @Test
    void what_cannot_be_downloaded_is_refused_with_the_reason() throws Exception {
        assertThat(get("?path=/srv").get().statusCode()).isEqualTo(409);
        assertThat(get("?path=/srv/nothing").get().statusCode()).isEqualTo(404);
        assertThat(get("").get().statusCode()).isEqualTo(400);
        assertThat(get("?path=/srv&format=rar").get().statusCode()).isEqualTo(400);
        var answer = get("?path=/srv&format=zip");
        var question = web.agent.receive(ToAgent.Question.class);
        web.agent.send(new ToServer.Answer(
                question.id(), new Reply.Failure("download_off", "the machine's owner does not allow downloads")));
        assertThat(answer.get().statusCode()).isEqualTo(409);
        assertThat(new String(answer.get().body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("download_off", "does not allow");
        assertThat(answer.get().headers().firstValue("content-disposition")).isEmpty();
    }
}
