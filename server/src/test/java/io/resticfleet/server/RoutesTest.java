package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may call what. A route that is not in this table is not in the product. */
class RoutesTest {

    private static final String TABLE = """
            DELETE /api/hosts/{host}                          USER
            DELETE /api/hosts/{host}/repositories/{repository} USER
            DELETE /api/hosts/{host}/schedules/{schedule}     USER
            DELETE /api/repositories/{repository}             USER
            DELETE /api/hosts/{host}/not-trusted              USER
            DELETE /api/hosts/{host}/silence                  USER
            POST   /api/hosts/{host}/pause                    USER
            POST   /api/hosts/{host}/resume                   USER
            POST   /api/hosts/{host}/silence                  USER
            POST   /api/hosts/{host}/schedules/{schedule}/retention/release USER
            POST   /api/repositories/{repository}/adopt       USER
            POST   /api/repositories/{repository}/confirm     USER
            POST   /api/retention/preview                     USER
            GET    /api/repositories/{repository}/copies      USER
            PUT    /api/hosts/{host}/not-trusted              USER
            GET    /api/alerts                                USER
            GET    /api/alerts/{alert}                        USER
            POST   /api/alerts/{alert}/acknowledge            USER
            DELETE /api/alerts/{alert}/acknowledge            USER
            GET    /api/channels                              USER
            POST   /api/channels                              USER
            GET    /api/channels/{channel}                    USER
            PUT    /api/channels/{channel}                    USER
            DELETE /api/channels/{channel}                    USER
            POST   /api/channels/{channel}/test               USER
            GET    /api/channels/{channel}/deliveries         USER
            GET    /api/find                                  USER
            GET    /alerts.atom                               OPEN
            GET    /api/badges                                USER
            POST   /api/badges/renew                          USER
            GET    /api/feed                                  USER
            POST   /api/feed/renew                            USER
            GET    /api/summary                               USER
            GET    /api/watchdog                              USER
            PUT    /api/watchdog                              USER
            DELETE /api/watchdog                              USER
            GET    /badge/{host}.svg                          OPEN
            GET    /api/hosts/{host}/versions                 USER
            GET    /api/snapshots/{snapshot}/diff/{other}     USER
            GET    /api/snapshots/{snapshot}/tree             USER
            POST   /api/agents/transfers/{token}              AGENT
            GET    /api/snapshots/{snapshot}/download           USER
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
            GET    /alerts                                    USER
            GET    /alerts/{alert}                            USER
            POST   /alerts/{alert}/acknowledge                USER
            POST   /alerts/{alert}/unacknowledge              USER
            GET    /channels                                  USER
            GET    /channels/new                              USER
            POST   /channels/new                              USER
            GET    /channels/{channel}                        USER
            POST   /channels/{channel}                        USER
            POST   /channels/{channel}/test                   USER
            POST   /channels/{channel}/delete                 USER
            POST   /hosts/{host}/expectations                 USER
            POST   /hosts/{host}/silence                      USER
            POST   /hosts/{host}/unsilence                    USER
            POST   /hosts/{host}/pause                        USER
            POST   /hosts/{host}/resume                       USER
            GET    /find                                      USER
            POST   /watchdog                                 USER
            POST   /watchdog/delete                          USER
            GET    /alerts/feed                              USER
            POST   /alerts/feed/renew                        USER
            GET    /hosts/{host}/files                        USER
            GET    /hosts/{host}/restore                      USER
            GET    /hosts/{host}/versions                     USER
            GET    /jobs/{job}/growth                         USER
            GET    /snapshots/{snapshot}/files                USER
            GET    /snapshots/{snapshot}/diff                 USER
            GET    /snapshots/{snapshot}/restore              USER
            POST   /snapshots/{snapshot}/restore              USER
            POST   /snapshots/{snapshot}/choose               USER
            GET    /hosts/{host}/jobs                         USER
            GET    /hosts/{host}/repository                   USER
            GET    /hosts/{host}/schedules                    USER
            GET    /hosts/{host}/schedules/echo               USER
            GET    /hosts/{host}/schedules/new                USER
            GET    /hosts/{host}/schedules/{schedule}         USER
            GET    /hosts/{host}/settings                     USER
            GET    /hosts/{host}/replace                      USER
            POST   /hosts/{host}/replace                      USER
            GET    /api/hosts/{host}/replacements             USER
            POST   /api/hosts/{host}/replacements             USER
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
            POST   /api/restores                              USER
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
            POST   /hosts/{host}/weekly-drill                 USER
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
            POST   /repositories/{repository}/expectations    USER
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
            GET    /metrics                                  USER_OR_LOCAL
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
                .post("/api/enrollment-tokens", Map.of("repository", Samples.repository(Samples.URL)))
                .at("/token");

        for (var route : users()) {
            assertThat(server.api()
                            .request(method(route), path(route), "", "Authorization", "Bearer " + token)
                            .outcome())
                    .as("%s %s", method(route), route.path())
                    .isEqualTo("401 bad_token");
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
