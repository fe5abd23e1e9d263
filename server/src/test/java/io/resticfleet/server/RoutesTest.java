package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Route;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call what. A route that is not in this table is not in the product. */
class RoutesTest {

    private static final String TABLE = """
            DELETE /api/hosts/{host}                          USER
            DELETE /api/hosts/{host}/repositories/{repository} USER
            DELETE /api/hosts/{host}/schedules/{schedule}     USER
            DELETE /api/repositories/{repository}             USER
            DELETE /api/hosts/{host}/not-trusted              USER
            POST   /api/hosts/{host}/schedules/{schedule}/retention/release USER
            POST   /api/repositories/{repository}/adopt       USER
            POST   /api/repositories/{repository}/confirm     USER
            POST   /api/retention/preview                     USER
            GET    /api/repositories/{repository}/copies      USER
            PUT    /api/hosts/{host}/not-trusted              USER
            GET    /api/repositories                          USER
            GET    /api/repositories/{repository}/keys        USER
            GET    /api/repositories/{repository}/stats       USER
            GET    /api/repositories/{repository}/locks       USER
            GET    /api/repositories/{repository}/queue       USER
            POST   /api/repositories/{repository}/jobs        USER
            POST   /api/repositories/{repository}/keys/{key}/expect USER
            GET    /api/repositories/{repository}/rotate-password USER
            POST   /api/repositories/{repository}/rotate-password USER
            POST   /api/repositories/{repository}/rotate-password/retry USER
            GET    /api/repositories/{repository}             USER
            PATCH  /api/repositories/{repository}             USER
            POST   /api/repositories                          USER
            PUT    /api/hosts/{host}/repositories/{repository} USER
            DELETE /api/tokens/{id}                           USER
            GET    /                                          USER
            GET    /agent/install.sh                          OPEN
            GET    /agent/restic-fleet-agent.jar              OPEN
            GET    /api/audit                                 USER
            GET    /api/hosts                                 USER
            GET    /api/hosts/{host}                          USER
            GET    /api/hosts/{host}/schedules                USER
            GET    /api/hosts/{host}/schedules/{schedule}     USER
            GET    /api/agents/upgrade                        USER
            GET    /api/hosts/{host}/snapshots                USER
            GET    /api/jobs                                  USER
            GET    /api/jobs/{job}                            USER
            GET    /api/jobs/{job}/events                     USER
            GET    /api/jobs/{job}/log                        USER
            GET    /api/me                                    USER
            GET    /api/openapi.json                          OPEN
            GET    /api/tokens                                USER
            GET    /api/version                               OPEN
            GET    /api/restored                              USER
            GET    /assets/{version}/{name}                   OPEN
            GET    /audit                                     USER
            GET    /healthz                                   OPEN
            GET    /hosts/joining/{token}                     USER
            GET    /hosts/new                                 USER
            GET    /hosts/{host}                              USER
            GET    /hosts/{host}/jobs                         USER
            GET    /hosts/{host}/repository                   USER
            GET    /hosts/{host}/schedules                    USER
            GET    /hosts/{host}/schedules/echo               USER
            GET    /hosts/{host}/schedules/new                USER
            GET    /hosts/{host}/schedules/{schedule}         USER
            GET    /hosts/{host}/settings                     USER
            GET    /jobs                                      USER
            GET    /jobs/{job}                                USER
            GET    /login                                     OPEN
            GET    /settings                                  USER
            GET    /setup                                     OPEN
            PATCH  /api/hosts/{host}                          USER
            POST   /api/agents/enroll                         ENROLLMENT_TOKEN
            POST   /api/auth/login                            OPEN
            POST   /api/auth/logout                           OPEN
            POST   /api/auth/password                         USER
            POST   /api/bootstrap                             OPEN
            POST   /api/enrollment-tokens                     USER
            POST   /api/agents/upgrade                        USER
            POST   /api/hosts/{host}/jobs                     USER
            POST   /api/hosts/{host}/upgrade                  USER
            POST   /api/hosts/{host}/restored                 USER
            POST   /api/hosts/{host}/run                      USER
            POST   /api/hosts/{host}/schedules                USER
            POST   /api/hosts/{host}/ssh-access               USER
            POST   /api/hosts/{host}/schedules/{schedule}/run USER
            POST   /api/hosts/{host}/schedules/{schedule}/accept USER
            POST   /api/jobs/{job}/cancel                     USER
            POST   /api/restored                              USER
            POST   /api/tokens                                USER
            POST   /hosts/new                                 USER
            POST   /hosts/{host}/delete                       USER
            POST   /hosts/{host}/once                         USER
            POST   /hosts/{host}/remove-all-locks             USER
            POST   /hosts/{host}/repository                   USER
            POST   /hosts/{host}/repository/discard           USER
            POST   /hosts/{host}/repository/force             USER
            POST   /hosts/{host}/restored                     USER
            POST   /hosts/{host}/run                          USER
            POST   /hosts/{host}/schedules/new                USER
            POST   /hosts/{host}/schedules/paths              USER
            POST   /hosts/{host}/schedules/{schedule}         USER
            POST   /hosts/{host}/schedules/{schedule}/calendar USER
            POST   /hosts/{host}/schedules/calendar           USER
            POST   /hosts/{host}/schedules/{schedule}/delete  USER
            POST   /hosts/{host}/schedules/{schedule}/disable USER
            POST   /hosts/{host}/schedules/{schedule}/enable  USER
            POST   /hosts/{host}/schedules/{schedule}/run     USER
            GET    /hosts/{host}/schedules/{schedule}/retention USER
            POST   /hosts/{host}/schedules/{schedule}/retention/adopt USER
            POST   /hosts/{host}/schedules/{schedule}/retention/confirm USER
            POST   /hosts/{host}/schedules/{schedule}/retention/release USER
            POST   /hosts/{host}/not-trusted                  USER
            POST   /hosts/{host}/trust                        USER
            GET    /repositories/{repository}/retention       USER
            POST   /repositories/{repository}/retention/adopt USER
            POST   /hosts/{host}/settings                     USER
            POST   /hosts/{host}/upgrade                      USER
            POST   /settings/agents/upgrade                   USER
            POST   /jobs/{job}/cancel                         USER
            POST   /jobs/{job}/accept                         USER
            POST   /login                                     OPEN
            POST   /logout                                    OPEN
            POST   /restored                                  USER
            POST   /settings/password                         USER
            POST   /settings/tokens                           USER
            POST   /settings/tokens/{token}/delete            USER
            POST   /setup                                     OPEN
            GET    /hosts/{host}/repositories/{repository}/credentials USER
            GET    /repositories                              USER
            GET    /repositories/new                          USER
            GET    /repositories/{repository}                 USER
            POST   /repositories/{repository}/locks           USER
            GET    /repositories/{repository}/maintainer      USER
            GET    /repositories/{repository}/ssh             USER
            POST   /repositories/{repository}/ssh             USER
            POST   /repositories/{repository}/ssh/confirm     USER
            GET    /repositories/{repository}/password        USER
            GET    /repositories/{repository}/settings        USER
            POST   /api/repositories/{repository}/test        USER
            POST   /hosts/{host}/repositories                 USER
            POST   /hosts/{host}/repositories/{repository}/credentials USER
            POST   /hosts/{host}/repositories/{repository}/credentials/delete USER
            POST   /hosts/{host}/repositories/{repository}/first USER
            POST   /hosts/{host}/repositories/{repository}/leave USER
            POST   /repositories/new                          USER
            POST   /repositories/{repository}/delete          USER
            POST   /repositories/{repository}/discard         USER
            POST   /repositories/{repository}/force           USER
            POST   /repositories/{repository}/jobs            USER
            POST   /repositories/{repository}/keys/{key}/expect USER
            POST   /repositories/{repository}/machines        USER
            POST   /repositories/{repository}/maintainer      USER
            POST   /repositories/{repository}/name            USER
            POST   /repositories/{repository}/password        USER
            POST   /repositories/{repository}/password/retry  USER
            POST   /repositories/{repository}/settings        USER
            POST   /repositories/{repository}/test            USER
            PUT    /api/hosts/{host}/schedules/{schedule}     USER
            SOCKET /api/agents/ws                             AGENT
            """;

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_route_declares_who_may_call_it() {
        var lines = server.app().routes().stream()
                .map(route -> method(route) + " " + route.path() + " " + route.access())
                .toList();

        assertThat(lines)
                .containsExactlyInAnyOrderElementsOf(
                        TABLE.lines().map(line -> line.replaceAll(" +", " ")).toList());
    }

    @Test
    void what_is_for_users_is_refused_to_everybody_else() throws Exception {
        for (var route : users()) {
            var path = path(route);
            assertThat(server.api().request(method(route), path, "").outcome())
                    .as("%s %s", method(route), path)
                    .isEqualTo("401 unauthenticated");
            assertThat(server.api()
                            .request(method(route), path, "{}", "Authorization", "Bearer rf_wrong")
                            .outcome())
                    .as("%s %s with a bad token", method(route), path)
                    .isEqualTo("401 bad_token");
            assertThat(server.api()
                            .request(method(route), path, "", "Cookie", "rf_session=wrong", "Origin", server.url())
                            .outcome())
                    .as("%s %s with a bad cookie", method(route), path)
                    .isEqualTo("401 unauthenticated");
            assertThat(server.api()
                            .request(method(route), path, "", "Authorization", "Basic YW5uYTp4")
                            .outcome())
                    .as("%s %s with a password", method(route), path)
                    .isEqualTo("401 unauthenticated");
        }
    }

    @Test
    void head_is_answered_as_get_is_by_the_same_gate_and_without_a_body() throws Exception {
        for (var route : server.app().routes()) {
            if (method(route).equals("GET")) {
                var path = path(route);
                var get = server.api().request("GET", path, "");
                var head = server.api().request("HEAD", path, "");
                assertThat(head.status()).as(path).isEqualTo(get.status());
                assertThat(head.text()).as(path).isEmpty();
                assertThat(head.headers().firstValue("Content-Type"))
                        .as(path)
                        .isEqualTo(get.headers().firstValue("Content-Type"));
            }
        }
        assertThat(server.api().request("HEAD", "/api/hosts", "").status()).isEqualTo(401);
    }

    @Test
    void head_of_an_event_stream_ends() throws Exception {
        var web = server.enrol("web");
        web.addSchedule(Samples.NIGHTLY);
        web.connectInSync();
        var job = server.api().post("/api/hosts/" + web.hostId() + "/run", "").at("/job_id");

        for (var path : List.of("/api/jobs/" + job + "/events", "/?_live=hosts")) {
            var head = server.api()
                    .request(
                            "HEAD",
                            path,
                            "",
                            "Authorization",
                            "Bearer " + server.api().token());
            assertThat(head.status()).as(path).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Type").orElse(""))
                    .as(path)
                    .startsWith("text/event-stream");
        }
    }

    @Test
    void a_method_that_a_path_does_not_have_is_refused_with_those_it_has() throws Exception {
        var answer = server.api().delete("/api/hosts");
        assertThat(answer.outcome()).isEqualTo("405 method_not_allowed");
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
        for (var method : List.of("OPTIONS", "TRACE", "PROPFIND")) {
            assertThat(server.api().raw(method + " /api/hosts HTTP/1.1"))
                    .as(method)
                    .startsWith("HTTP/1.1 405 ")
                    .contains("application/problem+json", "Allow: GET, HEAD");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/hosts/%u0041",
                "/api/hosts/%",
                "/api/hosts/%4",
                "/api/hosts/%zz",
                "/api/hosts/%c0%af",
                "/api/hosts/%ff",
                "/api/hosts/%ed%a0%80",
                "/api/hosts/%2e%2e/tokens",
                "/api/hosts/..;/tokens",
                "/api/hosts/%00",
                "/api//hosts",
                "/api/hosts/a%2fb",
                "/api/hosts/a%5cb",
                "/api/jobs?host=%zz",
                "/api/jobs?%u0041",
                "/api/jobs?host=%c0%af",
                "/api/jobs?host=%ff",
                "/api/jobs?host=%ed%a0%80",
            })
    void a_path_or_query_with_broken_escapes_is_a_problem_400(String target) throws Exception {
        assertThat(server.api().raw("GET " + target + " HTTP/1.1"))
                .startsWith("HTTP/1.1 400 ")
                .contains("Content-Type: application/problem+json", "\"status\":400")
                .doesNotContain("\tat ");
        assertThat(server.api().raw("GET " + target.replace("/api", "") + " HTTP/1.1", "Accept: text/html"))
                .startsWith("HTTP/1.1 400 ")
                .doesNotContain("\tat ");
    }

    @Test
    void a_browser_gets_a_page_for_a_path_that_is_refused() throws Exception {
        assertThat(server.api().raw("GET /hosts/%u0041 HTTP/1.1", "Accept: text/html"))
                .startsWith("HTTP/1.1 400 ")
                .contains("Content-Type: text/html", "Content-Security-Policy: ", "<h1>Request failed</h1>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /api/hosts HTTP/9.9        | X: 1                          | 505",
                "GET /api/hosts HTTP/1.1        | Content-Length: many          | 400",
                "POST /api/tokens HTTP/1.1      | Content-Length: -1            | 400",
                "POST /api/tokens HTTP/1.1      | Transfer-Encoding: nonsense   | 400",
                "GET /api/jobs?kind=x HTTP/1.1  | Content-Type: a/b; charset=no | 400",
                "GET /api/hosts HTTP/1.1        | Host: two.example             | 400",
                "GET /api/hosts HTTP/1.1        | Bad Header: 1                 | 400",
                "GET /api/hosts HTTP/1.1        | Expect: nothing               | 417",
                "GET /api/LONG HTTP/1.1         | X: 1                          | 414",
                "GET /api/hosts HTTP/1.1        | X: LONG                       | 431",
            })
    void what_the_parser_refuses_is_a_problem_too(String line, String header, int status) throws Exception {
        var big = "x".repeat(20_000);

        assertThat(server.api().raw(line.replace("LONG", big), header.replace("LONG", big)))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("Content-Type: application/problem+json", "\"status\":" + status);
    }

    @Test
    void a_websocket_where_there_is_none_is_a_problem_404() throws Exception {
        assertThat(server.api()
                        .raw(
                                "GET /api/nowhere HTTP/1.1",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="))
                .startsWith("HTTP/1.1 404 ")
                .contains("Content-Type: application/problem+json", "not_found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "multipart/form-data; boundary=x                   | --x broken",
                "multipart/form-data                               | --x",
                "multipart/form-data; boundary=x                   | --x--",
                "application/x-www-form-urlencoded                 | username=%zz",
                "application/x-www-form-urlencoded                 | username=%ff",
                "application/x-www-form-urlencoded                 | %u0041=1",
                "application/x-www-form-urlencoded; charset=utf-99 | username=anna",
                "application/x-www-form-urlencoded; charset=utf-16 | username=anna",
            })
    void a_form_that_cannot_be_read_is_refused(String type, String body) throws Exception {
        for (var path : List.of("/login", "/setup", "/settings/tokens")) {
            assertThat(server.api()
                            .raw(
                                    "POST " + path + " HTTP/1.1",
                                    "Accept: text/html",
                                    "Content-Type: " + type,
                                    "Content-Length: " + body.length(),
                                    "",
                                    body))
                    .as(path)
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void a_body_that_breaks_off_or_is_badly_chunked_is_refused() throws Exception {
        for (var path : List.of("/api/auth/login", "/api/tokens")) {
            assertThat(server.api()
                            .raw("POST " + path + " HTTP/1.1", "Transfer-Encoding: chunked", "", "zz\r\nbroken\r\n"))
                    .as(path)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("application/problem+json");
        }
    }

    @Test
    void a_page_of_another_site_changes_nothing() throws Exception {
        var changing = server.app().routes().stream()
                .filter(route -> !List.of("GET", "SOCKET").contains(method(route)))
                .toList();

        assertThat(changing).hasSizeGreaterThan(10);
        for (var route : changing) {
            assertThat(server.api()
                            .request(
                                    method(route),
                                    path(route),
                                    "{}",
                                    "Origin",
                                    "https://evil.example",
                                    "Authorization",
                                    "Bearer " + server.api().token())
                            .outcome())
                    .as("%s %s", method(route), route.path())
                    .isEqualTo("403 bad_origin");
        }
    }

    @Test
    void an_agents_key_or_enrolment_token_opens_nothing_else() throws Exception {
        var token = server.api()
                .post("/api/enrollment-tokens", java.util.Map.of("repository", Samples.repository(Samples.URL)))
                .at("/token");

        for (var route : users()) {
            assertThat(server.api()
                            .request(method(route), path(route), "", "Authorization", "Bearer " + token)
                            .outcome())
                    .as("%s %s", method(route), route.path())
                    .isEqualTo("401 bad_token");
        }
    }

    @Test
    void an_unknown_path_is_a_problem_404() throws Exception {
        for (var path : List.of("/api/nope", "/nope", "/api/hosts/x/y/z", "/api/hosts/a%20b")) {
            var answer = server.api().get(path);
            assertThat(answer.outcome()).as(path).isEqualTo("404 not_found");
            assertThat(answer.headers().firstValue("Content-Type"))
                    .as(path)
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        }
    }

    private List<Route> users() {
        var users = server.app().routes().stream()
                .filter(route -> route.access() == Access.USER)
                .toList();
        assertThat(users).hasSizeGreaterThan(20);
        return users;
    }

    private static String path(Route route) {
        return route.path().replaceAll("\\{[a-z]+}", "x");
    }

    private static String method(Route route) {
        return route.method().name().startsWith("WEBSOCKET")
                ? "SOCKET"
                : route.method().name();
    }
}
