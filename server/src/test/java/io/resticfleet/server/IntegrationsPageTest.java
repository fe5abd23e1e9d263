package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of docs/integrations.md do what the page says, with services that ask and answer as the real ones do. */
class IntegrationsPageTest {

    private static final String ELSEWHERE = "https://(kuma|ha)\\.example";

    @RegisterExtension
    final TestServer server = new TestServer();

    private StubService outside;
    private String page;

    @BeforeEach
    void begin() throws Exception {
        outside = new StubService();
        page = Files.readString(Path.of("..", "docs", "integrations.md"))
                .replace("https://fleet.example", server.url())
                .replace("rf_TOKEN", SeededDataDirectory.TOKEN)
                .replaceAll(ELSEWHERE, outside.url());
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        web.connectInSync()
                .sendAndDrain(new SampleReports(server)
                        .finished(
                                1,
                                SampleReports.id(1),
                                Optional.of(nightly),
                                Optional.empty(),
                                JobStatus.SUCCEEDED,
                                SampleReports.SNAPSHOT));
    }

    @AfterEach
    void end() {
        outside.close();
    }

    private String section(String heading) {
        var from = page.indexOf("\n## " + heading + "\n");
        assertThat(from).isPositive();
        var to = page.indexOf("\n## ", from + 1);
        return page.substring(from, to < 0 ? page.length() : to);
    }

    private static String only(String text, String pattern) {
        var all = all(text, pattern);
        assertThat(all).as(pattern).hasSize(1);
        return all.get(0);
    }

    private static List<String> all(String text, String pattern) {
        return Pattern.compile(pattern, Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** As a program asks that has only what the page says. */
    private JsonNode ask(String url, String authorization) throws Exception {
        var answer = new ApiClient(server.url(), authorization.replace("Bearer ", ""))
                .get(url.substring(server.url().length()));
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void homepage_finds_each_field_in_the_form_that_its_format_needs() throws Exception {
        var widget = section("Homepage");
        var answer = ask(only(widget, "^ +url: (\\S+)$"), only(widget, "^ +Authorization: (\\V+)$"));

        var fields = all(widget, "- field: (\\w+)\\V*\\v +label: \\V+\\v +format: number");
        var dates = all(widget, "- field: (\\w+)\\V*\\v +label: \\V+\\v +format: relativeDate");

        assertThat(fields).containsExactly("ok", "needs_attention");
        assertThat(fields).allMatch(field -> answer.path(field).isInt());
        assertThat(dates).containsExactly("last_backup_at", "next_due_at");
        assertThat(dates)
                .allMatch(field -> Instant.parse(answer.path(field).asText()).isAfter(Instant.EPOCH));
        assertThat(answer.path("ok").asInt()).isEqualTo(1);
    }

    @Test
    void uptime_kuma_is_pushed_while_the_server_works_and_its_query_finds_the_expected_value() throws Exception {
        server.maintenance().stopTimers();
        var text = section("Uptime Kuma");
        var put = server.api().put("/api/watchdog", Json.LENIENT.readTree(only(text, "-d \\\\\\v +'(\\{.*?\\})'")));
        assertThat(put.status()).isEqualTo(200);
        server.maintenance().lookForMissedRuns();
        server.maintenance().checkAlerts();
        server.maintenance().copyDatabase();
        server.maintenance().checkWatchdog();

        assertThat(outside.asked())
                .containsExactly(new StubService.Asked("GET", "/api/push/PUSH_TOKEN?status=up&msg=OK&ping=", ""));

        var headers = Json.LENIENT.readTree(only(text, "\\| Headers \\| `(\\{\\V+\\})` \\|"));
        var answer = ask(
                only(text, "\\| URL \\| `(\\S+)` \\|"),
                headers.path("Authorization").asText());
        var query = only(text, "\\| Json Query \\| `(\\w+)` \\|");
        assertThat(answer.path(query).asText()).isEqualTo(only(text, "\\| Expected value \\| `(\\w+)` \\|"));
    }

    @Test
    void home_assistant_finds_its_sensors_and_what_its_automation_says() throws Exception {
        var text = section("Home Assistant");
        var answer = ask(only(text, "resource: (\\S+)$"), only(text, "^ +Authorization: (\\V+)$"));
        var sensors = all(text, "\\{\\{ value_json\\.(\\w+) \\}\\}");
        assertThat(sensors).hasSize(2).allMatch(answer::hasNonNull);
        assertThat(Instant.parse(answer.path(
                                only(text, "device_class: timestamp\\v +value_template: \"\\{\\{ value_json\\.(\\w+)"))
                        .asText()))
                .isAfter(Instant.EPOCH);

        var body = Json.LENIENT.readTree(only(text, "-d \\\\\\v +'(\\{.*?\\})'"));
        var channel = server.api().post("/api/channels", body);
        assertThat(channel.status()).as(channel.text()).isEqualTo(201);
        var tested = server.api().post("/api/channels/" + channel.at("/id") + "/test", "");

        assertThat(tested.at("/delivered")).isEqualTo("true");
        var hook = outside.asked().get(0);
        assertThat(hook.method()).isEqualTo(only(text, "allowed_methods: \\[(\\w+)\\]"));
        assertThat(hook.target()).isEqualTo("/api/webhook/" + only(text, "webhook_id: (\\w+)$"));
        var json = Json.LENIENT.readTree(hook.body());
        assertThat(all(text, "\\{\\{ trigger\\.json\\.([\\w.]+) \\}\\}"))
                .hasSize(3)
                .allMatch(path -> json.at("/" + path.replace('.', '/')).isTextual());
    }
}
