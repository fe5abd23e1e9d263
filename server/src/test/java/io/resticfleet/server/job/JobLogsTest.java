package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.RecordedQueries;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What jobs say, kept and streamed. */
@Tag("slow")
class JobLogsTest {

    private static final String JOB = SampleReports.id(1);

    private final RecordedQueries queries = new RecordedQueries();

    @RegisterExtension
    final TestServer server = new TestServer(queries::open);

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String nightly;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
        agent = web.connectInSync();
        agent.sendAndDrain(reports.started(JOB, nightly));
    }

    @Test
    void each_line_is_kept_once_however_often_it_comes() throws Exception {
        agent.send(reports.log(JOB, 1, 3));
        agent.send(reports.log(JOB, 1, 3));
        agent.send(reports.log(JOB, 2, 5));
        agent.send(reports.log(JOB, 4, 4));
        assertThat(agent.drain())
                .containsExactly(
                        new ToAgent.LogAck(new JobId(JOB), 3),
                        new ToAgent.LogAck(new JobId(JOB), 3),
                        new ToAgent.LogAck(new JobId(JOB), 5),
                        new ToAgent.LogAck(new JobId(JOB), 4));

        assertThat(server.api().get("/api/jobs/" + JOB + "/log").text().lines())
                .containsExactly(
                        "2026-03-01T12:00:00Z line 1",
                        "2026-03-01T12:00:00Z line 2",
                        "2026-03-01T12:00:00Z line 3",
                        "2026-03-01T12:00:00Z line 4",
                        "2026-03-01T12:00:00Z line 5");
    }

    @Test
    void what_would_take_effect_on_a_terminal_is_shown_whatever_an_agent_sends() throws Exception {
        agent.sendText(Wire.encode(reports.log(JOB, 1, 1)).replace("line 1", "a\\u001b]0;b\\u009bc\\u202ed"));
        agent.sendText(Wire.encode(reports.failed(1, JOB, nightly, "unknown"))
                .replaceFirst("\"error\":\"[^\"]*", "\"error\":\"e\\\\u001b\\\\u009bf\\\\u2066g"));
        agent.drain();

        assertThat(server.api().get("/api/jobs/" + JOB + "/log").text()).contains("a\\x1b]0;b\\x9bc\\u202ed\n");
        var job = server.api().get("/api/jobs/" + JOB);
        assertThat(job.at("/error")).startsWith("e\u001b\u009bf\u2066g");
        assertThat(job.text()).doesNotContain("\u001b", "\u009b", "\u2066");
    }

    @Test
    void a_log_is_text_or_one_json_object_a_line() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 2));

        var text = server.api().get("/api/jobs/" + JOB + "/log");
        assertThat(text.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        var ndjson = server.api().get("/api/jobs/" + JOB + "/log?format=ndjson");
        assertThat(ndjson.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/x-ndjson"));
        assertThat(ndjson.text().lines())
                .containsExactly(
                        "{\"line\":1,\"at\":\"2026-03-01T12:00:00Z\",\"stream\":\"restic\",\"text\":\"line 1\"}",
                        "{\"line\":2,\"at\":\"2026-03-01T12:00:00Z\",\"stream\":\"restic\",\"text\":\"line 2\"}");
        assertThat(server.api().get("/api/jobs/" + JOB + "/log?format=xml").outcome())
                .isEqualTo("400 invalid_format");
        assertThat(server.api().get("/api/jobs/nope/log").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void a_log_that_is_too_long_ends_with_the_number_of_dropped_lines_and_is_read_in_parts() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 1_500, "x".repeat(10_000))); // 15 MB in one message
        agent.sendAndDrain(reports.log(JOB, 1_501, 1_600, "x"));
        queries.takeLargest();

        for (var format : List.of("text", "ndjson")) {
            var lines = server.api()
                    .get("/api/jobs/" + JOB + "/log?format=" + format)
                    .text()
                    .lines()
                    .toList();
            assertThat(lines.get(0)).contains("… (1,8").contains(" more characters)");
            assertThat(lines.get(lines.size() - 1))
                    .contains((1_600 - lines.size() + 1) + " lines of the log were dropped: it is longer than 4 MiB");
        }
        assertThat(next(stream("1599"), "log")).contains("lines of the log were dropped");
        assertThat(server.api()
                        .get("/jobs/" + JOB, "Cookie", "rf_session=" + server.session())
                        .text())
                .contains("lines of the log were dropped");
        assertThat(queries.takeLargest()).isLessThan(1_000_000);
        assertThat(server.sql("SELECT count(*) FROM job_log WHERE octet_length(lines_json) > 100000"))
                .containsExactly("0");
    }

    @Test
    void lines_that_are_not_in_order_are_dropped_and_short_ones_fill_rows_of_limited_size() throws Exception {
        agent.send(lines(300, LongStream.range(0, 20_000).map(i -> 20_000 - i)));
        agent.send(lines(300, LongStream.of(20_001, 20_001, 20_002)));
        agent.send(lines(30_000, LongStream.range(20_001, 40_001)));
        agent.drain();

        var numbers = server.api()
                .get("/api/jobs/" + JOB + "/log?format=ndjson")
                .text()
                .lines()
                .map(line -> Long.parseLong(line.replaceAll("\\D*(\\d+).*", "$1")))
                .toList();
        assertThat(numbers)
                .startsWith(20_000L, 20_001L, 20_002L, 20_003L)
                .hasSize(20_001)
                .isSorted();
        assertThat(server.sql("SELECT max(octet_length(lines_json)) < 70000 FROM job_log"))
                .containsExactly("1");
    }

    @Test
    void a_log_that_was_stored_out_of_order_is_read_once() throws Exception {
        server.sql("INSERT INTO job_log SELECT '" + JOB + "', 3, 1, json_group_array(json_object('line', value, 'at',"
                + " '2026-03-01T12:00:00Z', 'stream', 'restic', 'text', 'x')), NULL FROM json_each('[3,2,1]')");
        agent.sendAndDrain(lines(3, LongStream.of(3, 4)));

        assertThat(server.api().get("/api/jobs/" + JOB + "/log").text().lines()).hasSize(4);
        var events = stream("0");
        for (int line : List.of(3, 2, 1, 4)) {
            assertThat(next(events, "log")).contains("\"line\":" + line + ",");
        }
        agent.sendAndDrain(lines(5, LongStream.of(5)));
        assertThat(next(events, "log")).contains("\"line\":5,");
    }

    private ToServer.LogStream lines(long sequence, LongStream numbers) {
        return new ToServer.LogStream(
                new JobId(JOB),
                sequence,
                numbers.mapToObj(number -> new LogLine(number, server.now(), "restic", ""))
                        .toList());
    }

    @Test
    void the_log_of_an_unknown_job_is_acknowledged_and_dropped() throws Exception {
        assertThat(agent.sendAndDrain(reports.log(SampleReports.id(9), 1, 2)))
                .containsExactly(new ToAgent.LogAck(new JobId(SampleReports.id(9)), 2));

        assertThat(server.sql("SELECT count(*) FROM job_log")).containsExactly("0");
    }

    @Test
    void logs_are_kept_for_30_days() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 2));
        agent.sendAndDrain(reports.finished(2, JOB, nightly));

        server.clock().advance(Duration.ofDays(29));
        server.maintenance().expire();
        assertThat(server.api().get("/api/jobs/" + JOB + "/log").text()).isNotEmpty();

        server.clock().advance(Duration.ofDays(2));
        server.maintenance().expire();
        assertThat(server.api().get("/api/jobs/" + JOB + "/log").text()).isEmpty();
        assertThat(server.api().get("/api/jobs/" + JOB).at("/status")).isEqualTo("succeeded");
    }

    @Test
    void a_stream_replays_what_was_said_and_goes_on_to_the_end() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 3));

        var events = stream("1");
        assertThat(next(events, "status")).contains("\"status\":\"running\"");
        assertThat(next(events, "log")).contains("\"line\":2,");
        assertThat(next(events, "log")).contains("\"line\":3,");

        agent.send(reports.log(JOB, 3, 4));
        assertThat(next(events, "log")).contains("\"line\":4,");
        agent.send(new ToServer.JobProgress(new JobId(JOB), 0.5, 1, 2, 10, 20, 0, Optional.empty(), Optional.empty()));
        assertThat(next(events, "progress")).contains("\"fraction_done\":0.5");
        agent.send(reports.finished(2, JOB, nightly));
        agent.send(reports.log(JOB, 5, 5)); // results come before logs
        assertThat(next(events, "log")).contains("\"line\":5,");
        assertThat(next(events, "end")).isEqualTo("{}");
        events.forEachRemaining(line -> assertThat(line).isEmpty());
    }

    @Test
    void the_stream_of_an_ended_job_is_its_log_and_its_end() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 2));
        agent.sendAndDrain(reports.finished(2, JOB, Optional.of(nightly), Optional.empty(), JobStatus.CANCELLED, ""));

        var all = new ArrayList<String>();
        stream("0").forEachRemaining(line -> {
            if (line.startsWith("event: ") || line.startsWith("id: ")) {
                all.add(line);
            }
        });

        assertThat(all)
                .containsExactly(
                        "event: status", "id: 1", "event: log", "id: 2", "event: log", "event: status", "event: end");
        assertThat(server.api().get("/api/jobs/nope/events").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void a_stream_gets_a_stopping_event_and_continues_at_its_position_after_the_restart() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 2));
        var events = stream("0");
        assertThat(next(events, "log")).contains("\"line\":1,");
        assertThat(next(events, "log")).contains("\"line\":2,");

        server.stop();

        assertThat(next(events, "stopping")).isEqualTo("{}");
        events.forEachRemaining(line -> assertThat(line).isEmpty());
        server.start();
        web.connectInSync(JOB).sendAndDrain(reports.log(JOB, 3, 3));
        assertThat(next(stream("2"), "log")).contains("\"line\":3,");
    }

    @Test
    void a_stream_ends_with_a_gone_event_when_the_host_is_deleted() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 1));
        var events = stream("0");
        assertThat(next(events, "log")).contains("\"line\":1,");

        server.api().delete("/api/hosts/" + web.hostId());

        assertThat(next(events, "gone")).contains("\"detail\":\"");
        events.forEachRemaining(line -> assertThat(line).isEmpty());
    }

    @Test
    void a_stream_of_a_job_that_ends_as_the_server_stops_has_an_end_event() throws Exception {
        var events = stream("0");
        assertThat(next(events, "status")).contains("\"status\":\"running\"");
        agent.send(reports.finished(2, JOB, nightly));
        assertThat(next(events, "status")).contains("\"status\":\"succeeded\"");

        server.stop();

        assertThat(next(events, "end")).isEqualTo("{}");
        events.forEachRemaining(line -> assertThat(line).isEmpty());
    }

    @Test
    void a_stream_ends_soon_after_its_token_was_deleted_or_its_session_was_ended() throws Exception {
        agent.sendAndDrain(reports.log(JOB, 1, 1));
        var byToken = stream("0");
        var bySession = stream("0", "Cookie", "rf_session=" + server.session());
        next(byToken, "log");
        next(bySession, "log");

        server.sql("DELETE FROM api_tokens");
        server.sql("DELETE FROM sessions");
        server.clock().skip(Duration.ofSeconds(60));
        agent.send(reports.log(JOB, 2, 2));

        assertThat(next(byToken, "gone")).contains("bad_token");
        assertThat(next(bySession, "gone")).contains("unauthenticated");
        byToken.forEachRemaining(line -> assertThat(line).isEmpty());
        bySession.forEachRemaining(line -> assertThat(line).isEmpty());
    }

    @Test
    void a_reader_that_comes_late_is_sent_only_how_far_the_job_is_now() throws Exception {
        for (int percent = 1; percent < 60; percent++) {
            agent.send(new ToServer.JobProgress(
                    new JobId(JOB),
                    percent / 100.0,
                    1,
                    2,
                    10,
                    20,
                    0,
                    Optional.empty(),
                    Optional.of("/" + "x".repeat(5_000))));
        }
        agent.drain();

        var events = stream("0");
        assertThat(next(events, "progress")).contains("\"fraction_done\":0.59").contains(" more characters)");
        agent.sendAndDrain(reports.finished(2, JOB, nightly));
        var rest = new ArrayList<String>();
        events.forEachRemaining(rest::add);
        assertThat(rest).contains("event: end").doesNotContain("event: progress");
        assertThat(server.api().get("/api/jobs/" + JOB).json().at("/progress").isNull())
                .isTrue();
    }

    private Iterator<String> stream(String lastEventId) throws Exception {
        return stream(lastEventId, "Authorization", "Bearer " + server.api().token());
    }

    private Iterator<String> stream(String lastEventId, String header, String credentials) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/api/jobs/" + JOB + "/events"))
                .timeout(Duration.ofSeconds(60))
                .header(header, credentials)
                .header("Last-Event-ID", lastEventId)
                .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        return answer.body().iterator();
    }

    /** The data of the next event of this name. */
    private static String next(Iterator<String> lines, String event) {
        var others = new ArrayList<String>();
        while (lines.hasNext()) {
            var line = lines.next();
            if (line.equals("event: " + event)) {
                return lines.next().replaceFirst("^data: ", "");
            }
            others.add(line);
        }
        throw new AssertionError("no event " + event + " but " + List.copyOf(others));
    }
}
