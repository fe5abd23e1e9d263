package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Route;
import io.resticfleet.server.web.Scope;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an API token can do that does not have every scope. */
class ScopesTest {

    /** The routes of the API that need something else than read for GET, and write for everything else. */
    private static final String EXCEPTIONS = """
            GET  /alerts/feed                                   READ,WRITE
            GET  /api/feed                                      READ,WRITE
            GET  /api/me                                        NONE
            GET  /api/snapshots/{snapshot}/download             RESTORE
            GET  /metrics                                       METRICS
            POST /api/badges/renew                              READ,WRITE
            POST /api/feed/renew                                READ,WRITE
            POST /api/hosts/{host}/jobs                         RUN
            POST /api/hosts/{host}/run                          RUN
            POST /api/hosts/{host}/schedules/{schedule}/run     RUN
            POST /api/jobs/{job}/cancel                         RUN
            POST /api/repositories/{repository}/jobs            RUN
            POST /api/repositories/{repository}/test            RUN
            POST /api/restores                                  RESTORE
            POST /api/retention/preview                         READ
            """;

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_route_is_open_to_tokens_with_its_scopes_and_to_no_other() throws Exception {
        var tokens = new EnumMap<Scope, String>(Scope.class);
        for (var scope : Scope.values()) {
            tokens.put(scope, token(scope));
        }
        var needed = needed();
        assertThat(needed).hasSizeGreaterThan(100);
        for (var route : needed.keySet()) {
            for (var scope : Scope.values()) {
                boolean allowed = Set.of(scope).containsAll(needed.get(route));
                var parts = route.split(" ");
                var answer = server.api()
                        .request(
                                parts[0],
                                parts[1].replaceAll("\\{[a-z]+}", "x"),
                                parts[0].equals("GET") ? "" : "{}",
                                "Authorization",
                                "Bearer " + tokens.get(scope));
                assertThat(answer.code().equals("scope_missing"))
                        .as("%s with a token for %s: %s", route, scope, answer.outcome())
                        .isEqualTo(!allowed);
            }
        }
    }

    @Test
    void a_session_and_a_token_of_before_have_every_scope() throws Exception {
        server.sql("INSERT INTO api_tokens (id, user_id, name, token_sha256, created_at)"
                + " SELECT 'old', id, 'old', '" + Tokens.sha256("rf_old")
                + "', 1 FROM users");

        for (var route : needed().keySet()) {
            var parts = route.split(" ");
            var path = parts[1].replaceAll("\\{[a-z]+}", "x");
            if (!path.equals("/settings/password")) {
                var body = parts[0].equals("GET") ? "" : "{}";
                assertThat(server.api()
                                .request(parts[0], path, body, "Authorization", "Bearer rf_old")
                                .code())
                        .as(route)
                        .isNotEqualTo("scope_missing");
                assertThat(server.api()
                                .request(
                                        parts[0],
                                        path,
                                        body,
                                        "Cookie",
                                        "rf_session=" + server.session(),
                                        "Origin",
                                        server.url())
                                .code())
                        .as(route)
                        .isNotEqualTo("scope_missing");
            }
        }
    }

    @Test
    void the_refusal_names_the_scope() throws Exception {
        var answer =
                server.api().request("POST", "/api/hosts/x/run", "", "Authorization", "Bearer " + token(Scope.READ));

        assertThat(answer.outcome()).isEqualTo("403 scope_missing");
        assertThat(answer.at("/detail")).isEqualTo("this needs the scope run, which the API token read does not have");
    }

    /** Scopes by method and path, of every route for users. */
    private Map<String, Set<Scope>> needed() {
        var exceptions = EXCEPTIONS
                .lines()
                .map(line -> line.split(" +"))
                .collect(Collectors.toMap(
                        parts -> parts[0] + " " + parts[1],
                        parts -> parts[2].equals("NONE")
                                ? Set.<Scope>of()
                                : Stream.of(parts[2].split(","))
                                        .map(Scope::valueOf)
                                        .collect(Collectors.toSet())));
        var routes = server.app().routes().stream()
                .filter(route -> Set.of(Access.USER, Access.USER_OR_LOCAL).contains(route.access()))
                .toList();
        assertThat(routes.stream().map(ScopesTest::name).toList()).containsAll(exceptions.keySet());
        return routes.stream()
                .collect(Collectors.toMap(
                        ScopesTest::name, route -> exceptions.getOrDefault(name(route), usual(route))));
    }

    private static Set<Scope> usual(Route route) {
        if (route.method().name().equals("GET")) {
            return Set.of(Scope.READ);
        }
        boolean form = !route.path().startsWith("/api/");
        return form ? Set.copyOf(List.of(Scope.values())) : Set.of(Scope.WRITE);
    }

    private static String name(Route route) {
        return route.method().name() + " " + route.path();
    }

    private String token(Scope... scopes) throws Exception {
        var words = Arrays.stream(scopes).map(Scope::word).toList();
        return server.api()
                .post("/api/tokens", Map.of("name", String.join(" ", words), "scopes", words))
                .at("/token");
    }
}
