package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no route can answer, as they cannot be read or their path does not exist. */
class RefusedRequestsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

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
    void an_unknown_path_is_a_problem_404() throws Exception {
        for (var path : List.of("/api/nope", "/nope", "/api/hosts/x/y/z", "/api/hosts/a%20b")) {
            var answer = server.api().get(path);
            assertThat(answer.outcome()).as(path).isEqualTo("404 not_found");
            assertThat(answer.headers().firstValue("Content-Type"))
                    .as(path)
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        }
    }
}
