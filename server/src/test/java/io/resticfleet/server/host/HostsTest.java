package io.resticfleet.server.host;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostsTest {

    private static final HostPolicy STRICT = new HostPolicy(
            "/etc/restic-fleet/policy.json",
            HookRule.OFF,
            "/etc/restic-fleet/hooks",
            List.of("/srv/restore"),
            false,
            List.of("rest", "sftp"),
            Optional.of(new PolicyDuration("12h")),
            Optional.empty(),
            RepositoryRules.NONE,
            ReadingRules.NONE,
            Optional.empty());

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private String path;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        path = "/api/hosts/" + web.hostId();
    }

    @Test
    void a_host_is_shown_without_what_opens_its_repository() throws Exception {
        var shown = server.api().get(path);

        assertThat(shown.at("/id")).isEqualTo(web.hostId());
        assertThat(shown.at("/name")).isEqualTo("web");
        assertThat(shown.at("/os")).isEqualTo("linux");
        assertThat(shown.at("/repository_url")).isEqualTo(Samples.URL);
        assertThat(shown.at("/schedule_version")).isEqualTo("0");
        assertThat(shown.at("/drift")).isEqualTo("false");
        assertThat(shown.at("/created_at")).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(shown.text()).doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD, "sealed", "public_key");
        assertThat(server.api().get("/api/hosts").json().at("/items/0")).isEqualTo(shown.json());
    }

    @Test
    void what_its_owner_allows_is_shown_as_last_reported() throws Exception {
        var agent = web.connectInSync();
        assertThat(server.api().get(path).json().path("policy").isNull()).isTrue();

        agent.sendAndDrain(new ToServer.PolicyReport(STRICT));

        var shown = server.api().get(path);
        assertThat(shown.at("/policy/hooks")).isEqualTo("off");
        assertThat(shown.at("/policy/file")).isEqualTo("/etc/restic-fleet/policy.json");
        assertThat(shown.at("/policy/repositories/1")).isEqualTo("sftp");
        assertThat(shown.at("/policy/restore_roots/0")).isEqualTo("/srv/restore");
        assertThat(shown.at("/policy/restore_in_place")).isEqualTo("false");
        assertThat(shown.at("/policy/longest_run")).isEqualTo("12h");
        assertThat(shown.json().at("/policy/problem").isNull()).isTrue();
        assertThat(server.api().get("/api/hosts").json().at("/items/0")).isEqualTo(shown.json());
        agent.sendText("{\"type\":\"policy.report\",\"policy\":{\"file\":\"/p\",\"hooks\":\"from-server\","
                + "\"hook_directory\":\"/h\",\"restore_roots\":[],\"restore_in_place\":false,\"repositories\":[],"
                + "\"problem\":\"torn\",\"of_a_newer_agent\":1}}");
        agent.drain();
        assertThat(server.api().get(path).at("/policy/problem")).isEqualTo("torn");
        assertThat(server.api().get(path).at("/policy/hooks")).isEqualTo("from-server");
    }

    @Test
    void a_policy_that_is_too_large_to_be_one_is_answered_and_changes_nothing() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(new ToServer.PolicyReport(STRICT));
        var frame = Wire.encode(new ToServer.PolicyReport(STRICT));

        agent.sendText(frame.replace("/etc/restic-fleet/hooks", "/" + "x".repeat(5_000)));
        agent.sendText(frame.replace("\"rest\"", "\"rest\"" + ",\"rest\"".repeat(100)));

        assertThat(agent.drain()).hasSize(2).allMatch(ToAgent.Error.class::isInstance);
        assertThat(server.api().get(path).at("/policy/hook_directory")).isEqualTo("/etc/restic-fleet/hooks");
    }

    @Test
    void hosts_are_listed_by_page_in_the_order_in_which_they_joined() throws Exception {
        for (var name : List.of("a", "b", "c")) {
            server.enrol(name);
        }

        var first = server.api().get("/api/hosts?limit=3");
        var rest = server.api().get("/api/hosts?limit=3&cursor=" + first.at("/next_cursor"));

        assertThat(first.json().path("items"))
                .extracting(host -> host.path("name").asText())
                .containsExactly("web", "a", "b");
        assertThat(rest.json().path("items"))
                .extracting(host -> host.path("name").asText())
                .containsExactly("c");
        assertThat(rest.json().path("next_cursor").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'name':''}                                            | invalid_name",
                "{'name':'a\\nb'}                                       | invalid_name",
                "{'nam':'x'}                                            | unknown_field",
                "{'hostname':'x'}                                       | unknown_field",
                "{'name':7}                                             | wrong_type",
                "{'repository':{'url':'nonsense'}}                      | invalid_repository_url",
                "{'repository':{}}                                      | required",
                "{'repository':'/srv'}                                  | wrong_type",
                "{'name':'new','repository':{'url':'x'}}                | invalid_repository_url",
                "[]                                                     | malformed_json",
            })
    void a_bad_change_changes_nothing(String body, String code) throws Exception {
        var before = server.api().get(path).text();
        var audited = server.api().get("/api/audit").text();

        var answer = server.api().patch(path, body.replace('\'', '"'));

        assertThat(answer.outcome()).isEqualTo("400 " + code);
        assertThat(server.api().get(path).text()).isEqualTo(before);
        assertThat(server.api().get("/api/audit").text()).isEqualTo(audited);
    }

    @Test
    void a_change_is_audited_without_secrets() throws Exception {
        server.api()
                .patch(
                        path + "?force=true",
                        Map.of("name", "Web", "repository", Samples.repository("rest:http://nas:8000/new/")));

        var audit = server.api().get("/api/audit?limit=2");

        assertThat(audit.at("/items/0/action")).isEqualTo("host.repository");
        assertThat(audit.at("/items/1/action")).isEqualTo("host.rename");
        assertThat(audit.at("/items/1/detail/to")).isEqualTo("Web");
        assertThat(audit.text()).doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD);
    }

    @Test
    void a_host_that_is_deleted_takes_all_that_is_its_own_with_it() throws Exception {
        web.addSchedule(NIGHTLY);
        var agent = web.connectInSync();
        server.api().post(path + "/run", "");

        assertThat(server.api().delete(path).outcome()).isEqualTo("204");

        assertThat(agent.closeCode()).isEqualTo(4001);
        assertThat(server.api().get(path).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().delete(path).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().patch(path, Map.of("name", "x")).outcome()).isEqualTo("404 not_found");
        for (var table : List.of("host_repositories", "schedules", "host_schedule_version", "jobs")) {
            assertThat(server.sql("SELECT 1 FROM " + table)).as(table).isEmpty();
        }
        assertThat(server.api().get("/api/audit").at("/items/0/action")).isEqualTo("host.delete");
    }
}
