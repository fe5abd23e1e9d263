package io.resticfleet.server.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no schedule may be, each with its code. */
class ScheduleRefusalsTest {

    private static final String GOOD = "{\"kind\":\"backup\",\"name\":\"n\",\"cron\":\"@daily\",\"paths\":[\"/srv\"]}";

    @RegisterExtension
    final TestServer server = new TestServer();

    private String schedules;
    private String existing;

    @BeforeEach
    void join() throws Exception {
        EnrolledAgent web = server.enrol("web");
        schedules = "/api/hosts/" + web.hostId() + "/schedules";
        existing = schedules + "/" + server.api().post(schedules, GOOD).at("/id");
    }

    @Test
    void each_rule_has_its_code_and_names_its_field() throws Exception {
        for (var row : """
                'cron':'@daily'                                                                  | kind         | invalid_kind
                'kind':'init'                                                                    | kind         | invalid_kind
                'kind':'unlock'                                                                  | kind         | invalid_kind
                'kind':'snapshots'                                                               | kind         | invalid_kind
                'kind':'BACKUP'                                                                  | kind         | invalid_kind
                'kind':''                                                                        | kind         | invalid_kind
                'kind':'check'                                                                   | cron         | cron_required
                'kind':'check','manual':false,'cron':'  '                                        | cron         | cron_required
                'kind':'check','cron':null                                                       | cron         | cron_required
                'kind':'check','cron':'nonsense'                                                 | cron         | invalid_cron
                'kind':'check','cron':'0 0 31 2 *'                                               | cron         | invalid_cron
                'kind':'check','cron':'0 0 * *'                                                  | cron         | invalid_cron
                'kind':'check','cron':'/5 * * * *'                                               | cron         | invalid_cron
                'kind':'check','cron':'5/15 * * * *'                                             | cron         | invalid_cron
                'kind':'check','cron':'1,,2 * * * *'                                             | cron         | invalid_cron
                'kind':'check','cron':'@reboot'                                                  | cron         | invalid_cron
                'kind':'check','cron':'٣ * * * *'                                                | cron         | invalid_cron
                'kind':'check','cron':'@daily','time_zone':'Mars/Olympus'                        | time_zone    | invalid_time_zone
                'kind':'check','cron':'@daily','catch_up':'always'                               | catch_up     | invalid_catch_up
                'kind':'check','cron':'@daily','jitter_minutes':721                              | jitter_minutes | invalid_jitter
                'kind':'check','cron':'@daily','name':''                                         | name         | name_required
                'kind':'check','cron':'@daily','name':'a\\nb'                                    | name         | invalid_name
                'kind':'backup','cron':'@daily'                                                  | paths        | paths_required
                'kind':'backup','manual':true,'paths':[]                                         | paths        | paths_required
                'kind':'backup','cron':'@daily','paths':['/etc','home']                          | paths[1]     | path_not_absolute
                'kind':'backup','cron':'@daily','paths':['']                                     | paths[0]     | path_not_absolute
                'kind':'backup','cron':'@daily','paths':['-rf']                                  | paths[0]     | path_not_absolute
                'kind':'backup','cron':'@daily','paths':['~/x']                                  | paths[0]     | path_not_absolute
                'kind':'backup','cron':'@daily','paths':['/a\\u0000b']                           | paths[0]     | invalid_path
                'kind':'backup','cron':'@daily','paths':['/a'],'excludes':['']                   | excludes[0]  | invalid_exclude
                'kind':'backup','cron':'@daily','paths':['/a'],'excludes':['\\ud800']            | excludes[0]  | invalid_text
                'kind':'backup','cron':'@daily','paths':['/\\udfff'],'manual':true               | paths[0]     | invalid_text
                'kind':'check','cron':'@daily','name':'\\ude00\\ud83d'                          | name         | invalid_text
                'kind':'check','cron':'@daily','catch_up':'\\ud800'                              | catch_up     | invalid_text
                'kind':'backup','cron':'@daily','paths':['/a'],'excludes':['x','[abc']           | excludes[1]  | invalid_pattern
                'kind':'backup','cron':'@daily','paths':['/a'],'tags':['a,b']                    | tags[0]      | invalid_tag
                'kind':'backup','cron':'@daily','paths':['/a'],'tags':['schedule:x']             | tags[0]      | invalid_tag
                'kind':'forget','cron':'@daily'                                                  | retention    | retention_required
                'kind':'forget','cron':'@daily','retention':{}                                   | retention    | retention_required
                'kind':'forget','cron':'@daily','retention':{'keep_last':0}                      | retention    | retention_required
                'kind':'forget','cron':'@daily','retention':{'keep_within':'0d'}                 | retention    | retention_required
                'kind':'forget','cron':'@daily','retention':{'keep_last':-1}                     | retention.keep_last   | invalid_retention
                'kind':'forget','cron':'@daily','retention':{'keep_daily':1,'keep_yearly':-5}    | retention.keep_yearly | invalid_retention
                'kind':'forget','cron':'@daily','retention':{'keep_within':'soon'}               | retention.keep_within | invalid_retention
                'kind':'backup','cron':'@daily','paths':['/a'],'options':{'limit_upload_kib':-1} | options.limit_upload_kib | invalid_option
                'kind':'check','cron':'@daily','nmae':'x'                                        | nmae         | unknown_field
                'kind':'check','cron':'@daily','retention':{'keep_lots':1}                       | retention.keep_lots | unknown_field
                'kind':'check','cron':'@daily','hooks':{'before':'x'}                            | hooks.before | unknown_field
                'kind':'check','cron':'@daily','enabled':'true'                                  | enabled      | wrong_type
                'kind':'check','cron':'@daily','enabled':1                                       | enabled      | wrong_type
                'kind':'check','cron':'@daily','name':7                                          | name         | wrong_type
                'kind':7,'cron':'@daily'                                                         | kind         | wrong_type
                'kind':'check','cron':['@daily']                                                 | cron         | wrong_type
                'kind':'backup','cron':'@daily','paths':'/etc'                                   | paths        | wrong_type
                'kind':'backup','cron':'@daily','paths':{'0':'/etc'}                             | paths        | wrong_type
                'kind':'backup','cron':'@daily','paths':[7]                                      | paths[0]     | wrong_type
                'kind':'check','cron':'@daily','retention':[]                                    | retention    | wrong_type
                'kind':'check','cron':'@daily','retention':'30d'                                 | retention    | wrong_type
                'kind':'check','cron':'@daily','retention':{'keep_last':1.5}                     | retention.keep_last | wrong_type
                'kind':'check','cron':'@daily','retention':{'keep_last':'3'}                     | retention.keep_last | wrong_type
                'kind':'check','cron':'@daily','retention':{'keep_last':99999999999}             | retention.keep_last | wrong_type
                """.lines().toList()) {
            var cells = row.split(" *\\| *");
            var answer = server.api().post(schedules, "{" + cells[0].strip().replace('\'', '"') + "}");

            assertThat(answer.outcome()).as(row).isEqualTo("400 " + cells[2].strip());
            assertThat(answer.at("/errors/0/field")).as(row).isEqualTo(cells[1]);
            assertThat(answer.at("/errors/0/code")).as(row).isEqualTo(cells[2].strip());
            assertThat(answer.at("/errors/0/detail")).as(row).isNotEmpty();
            isProblem(answer);
        }
        assertThat(server.api().get(schedules).at("/version")).isEqualTo("1");
    }

    @Test
    void the_schedule_that_makes_a_set_too_large_for_its_agent_is_refused() throws Exception {
        var large = Map.of(
                "kind",
                "backup",
                "manual",
                true,
                "paths",
                List.of("/"),
                "excludes",
                Collections.nCopies(600, "x".repeat(1_000)));
        assertThat(server.api().post(schedules, large).status()).isEqualTo(201);
        var version = server.api().get(schedules).at("/version");

        var refused = server.api().post(schedules, large);

        assertThat(refused.outcome()).isEqualTo("409 set_too_large");
        assertThat(refused.at("/detail")).contains("at most 1,000,000 bytes", "these have 1,2");
        assertThat(server.api().get(schedules).at("/version")).isEqualTo(version);
        assertThat(server.api().put(existing, large).outcome()).isEqualTo("409 set_too_large");
        assertThat(server.api().delete(existing).status()).isEqualTo(204);
    }

    @Test
    void several_errors_are_reported_at_once() throws Exception {
        var answer = server.api().post(schedules, """
                {"kind":"backup","name":"","cron":"x","time_zone":"y","paths":["etc","/ok","home"],"tags":["a,b"],
                 "retention":{"keep_last":-1,"keep_daily":-2}}""");

        assertThat(answer.outcome()).isEqualTo("400 name_required");
        assertThat(answer.json().path("errors"))
                .extracting(error -> error.path("field").asText())
                .containsExactly(
                        "name",
                        "cron",
                        "time_zone",
                        "paths[0]",
                        "paths[2]",
                        "tags[0]",
                        "retention.keep_last",
                        "retention.keep_daily");
        assertThat(answer.at("/detail")).endsWith("(and 7 more)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "forget", "prune", "init", "nonsense"})
    void a_kind_cannot_change(String kind) throws Exception {
        assertThat(server.api()
                        .put(existing, Map.of("kind", kind, "cron", "@daily"))
                        .outcome())
                .isEqualTo("409 kind_immutable");
        assertThat(server.api().get(existing).at("/kind")).isEqualTo("backup");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "null                                   | malformed_json",
                "~ ~                                    | malformed_json",
                "{                                      | malformed_json",
                "{}{}                                   | malformed_json",
                "[]                                     | malformed_json",
                "7                                      | malformed_json",
                "'kind'                                 | malformed_json",
                "kind=backup&name=x                     | malformed_json",
                "<schedule/>                            | malformed_json",
                "{\"kind\":\"check\",\"kind\":\"check\"} | malformed_json",
                "{\"kind\":NaN}                         | malformed_json",
                "{\"kind\":\"\\ud8\"}                   | malformed_json",
            })
    void a_body_that_is_no_json_object_is_refused(String body, String code) throws Exception {
        for (var answer : new ApiResponse[] {
            server.api().post(schedules, body), server.api().put(existing, body)
        }) {
            assertThat(answer.outcome()).as(body).isEqualTo("400 " + code);
            isProblem(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0ae", "e080af", "eda080", "ff", "f4908080"})
    void a_body_that_is_not_utf8_is_refused(String bytes) throws Exception {
        var body = GOOD.replace("/srv", "/srv/~").getBytes(StandardCharsets.UTF_8);
        var at = GOOD.indexOf("/srv") + "/srv/".length();
        var bad = HexFormat.of().parseHex(bytes);
        var all = ByteBuffer.allocate(body.length - 1 + bad.length)
                .put(body, 0, at)
                .put(bad)
                .put(body, at + 1, body.length - at - 1)
                .array();

        assertThat(server.api().postBytes(schedules, all).outcome()).isEqualTo("400 invalid_text");
    }

    @Test
    void a_body_without_end_or_bottom_is_refused() throws Exception {
        var deep = "{\"paths\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        var deepUnknown = "{\"kind\":" + "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_001);
        var many = "{\"kind\":\"backup\",\"cron\":\"@daily\",\"paths\":[" + "\"/a\",".repeat(1_000) + "\"/a\"]}";
        var longName = GOOD.replace("\"n\"", "\"" + "n".repeat(101) + "\"");
        var huge = GOOD.replace("\"n\"", "\"" + "n".repeat(3_000_000) + "\"");

        assertThat(server.api().post(schedules, deep).status()).isEqualTo(400);
        assertThat(server.api().post(schedules, deepUnknown).status()).isEqualTo(400);
        assertThat(server.api().post(schedules, many).outcome()).isEqualTo("400 too_many");
        assertThat(server.api().post(schedules, longName).outcome()).isEqualTo("400 invalid_name");
        var tooLarge = server.api().post(schedules, huge);
        assertThat(tooLarge.outcome()).isEqualTo("413 body_too_large");
        isProblem(tooLarge);
    }

    @Test
    void bytes_that_are_no_text_are_refused() throws Exception {
        var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create(server.url() + schedules))
                .header("Authorization", "Bearer " + server.api().token())
                .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                        new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'}))
                .build();

        var answer = java.net.http.HttpClient.newHttpClient()
                .send(request, java.net.http.HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"");
    }

    private static void isProblem(ApiResponse answer) {
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.at("/status")).isEqualTo(String.valueOf(answer.status()));
        assertThat(answer.at("/detail")).isNotEmpty().doesNotContain("io.resticfleet", "java.");
    }

    @Test
    void a_hook_that_the_connected_agent_would_not_accept_is_refused() throws Exception {
        var host = server.enrol("older");
        var check = "{'kind':'check','cron':'@daily','hooks':{'pre':'true'}}".replace('\'', '"');
        var path = "/api/hosts/" + host.hostId() + "/schedules";

        assertThat(server.api().post(path, check).at("/warnings/0")).contains("is not connected");

        host.connectInSync();
        assertThat(server.api().post(path, check).outcome()).isEqualTo("409 agent_too_old");
        var backup = check.replace("check", "backup").replace("\"cron\"", "\"paths\":[\"/a\"],\"cron\"");
        assertThat(server.api().post(path, backup).status()).isEqualTo(201);
    }

    @Test
    void a_path_that_the_schedules_own_excludes_leave_out_is_a_warning() throws Exception {
        var host = server.enrol("web");
        var body = Map.of(
                "kind",
                "backup",
                "manual",
                true,
                "paths",
                List.of("/srv", "/home/ben/cache/"),
                "excludes",
                List.of("cache"));

        var answer = server.api().post("/api/hosts/" + host.hostId() + "/schedules", body);

        assertThat(answer.json().path("warnings")).hasSize(1);
        assertThat(answer.at("/warnings/0")).contains("leave out /home/ben/cache/, with everything in it");
    }
}
