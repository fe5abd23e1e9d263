package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One transaction writes at a time; a body that is wrong does not wait for its turn to be refused. */
class WriteLockTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);
    private EnrolledAgent web;
    private String schedule;
    private String token;
    private Thread holder;

    @BeforeEach
    void hold() throws Exception {
        web = server.enrol("web");
        schedule = web.addSchedule(Samples.NIGHTLY);
        token = server.api()
                .post("/api/enrollment-tokens", Map.of("repository", Samples.repository(Samples.URL)))
                .at("/token");
        form("/hosts/" + web.hostId() + "/settings", "name="); // the first use of a session is written down
        holder = new Thread(() -> server.app().parts().db().change(tx -> {
            held.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        holder.start();
        held.await();
    }

    @AfterEach
    void release() throws Exception {
        free.countDown();
        holder.join();
    }

    @Test
    void bodies_are_refused_while_another_transaction_writes() throws Exception {
        var host = "/api/hosts/" + web.hostId();
        var noPaths = Map.of("kind", "backup", "cron", "@daily");
        assertRefused("POST", host + "/schedules", noPaths, "paths_required");
        assertRefused("PUT", host + "/schedules/" + schedule, noPaths, "paths_required");
        assertRefused("PATCH", host, Map.of("name", ""), "invalid_name");
        assertRefused("PATCH", host, Map.of("repository", Map.of("url", "nonsense")), "invalid_repository_url");
        assertRefused(
                "PATCH",
                host,
                Map.of("repository", Map.of("url", Samples.URL, "password", "x")),
                "invalid_credentials");
        assertRefused("POST", "/api/tokens", Map.of("name", ""), "invalid_name");
        assertRefused(
                "POST",
                "/api/enrollment-tokens",
                Map.of("repository", Map.of("url", "nonsense")),
                "invalid_repository_url");
        assertRefused("POST", "/api/agents/enroll", Samples.enrolment(token, "not a name", "key"), "invalid_hostname");
        assertRefused("POST", "/api/agents/enroll", Samples.enrolment(token, "db", "key"), "invalid_public_key");
    }

    @Test
    void forms_are_refused_while_another_transaction_writes() throws Exception {
        var host = "/hosts/" + web.hostId();
        for (var path : List.of("/schedules/new", "/schedules/" + schedule, "/settings", "/repository")) {
            assertThat(form(host + path, "kind=backup&name=&url=nonsense").status())
                    .as(path)
                    .isEqualTo(400);
        }
    }

    private ApiResponse form(String path, String fields) throws Exception {
        return server.api()
                .request(
                        "POST",
                        path,
                        fields,
                        "Cookie",
                        "rf_session=" + server.session(),
                        "Origin",
                        server.url(),
                        "Content-Type",
                        "application/x-www-form-urlencoded");
    }

    private void assertRefused(String method, String path, Map<String, ?> body, String code) throws Exception {
        var answer = server.api()
                .request(
                        method,
                        path,
                        ApiClient.json(body),
                        "Authorization",
                        "Bearer " + server.api().token());

        assertThat(answer.outcome()).as(method + " " + path).isEqualTo("400 " + code);
    }
}
