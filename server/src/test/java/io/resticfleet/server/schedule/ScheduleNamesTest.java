package io.resticfleet.server.schedule;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Names of schedules are unique on their host. */
class ScheduleNamesTest {

    private static final Map<String, Object> UNNAMED =
            Map.of("kind", "backup", "cron", "@daily", "paths", List.of("/etc"));

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private String schedules;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
        schedules = "/api/hosts/" + web.hostId() + "/schedules";
        web.addSchedule(NIGHTLY);
    }

    @Test
    void a_name_that_another_schedule_of_the_host_has_is_refused_and_changes_nothing() throws Exception {
        var other = web.addSchedule(named("hourly"));

        for (var refused :
                List.of(server.api().post(schedules, NIGHTLY), server.api().put(schedules + "/" + other, NIGHTLY))) {
            assertThat(refused.outcome()).isEqualTo("409 name_taken");
            assertThat(refused.at("/errors/0/field")).isEqualTo("name");
            assertThat(refused.at("/detail")).contains("'nightly'");
        }

        assertThat(server.api().get(schedules).at("/version")).isEqualTo("2");
        assertThat(server.api().get(schedules + "/" + other).at("/name")).isEqualTo("hourly");
    }

    @Test
    void the_same_name_on_another_host_and_a_change_under_the_same_name_are_accepted() throws Exception {
        var db = server.enrol("db");
        var id = db.addSchedule(NIGHTLY);

        assertThat(server.api()
                        .put("/api/hosts/" + db.hostId() + "/schedules/" + id, NIGHTLY)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_name_that_is_left_out_is_the_kind_with_the_first_free_number() throws Exception {
        web.addSchedule(named("backup 3"));

        var first = server.api().post(schedules, UNNAMED);
        var second = server.api().post(schedules, UNNAMED);
        var third = server.api().post(schedules, UNNAMED);

        assertThat(List.of(first.at("/name"), second.at("/name"), third.at("/name")))
                .containsExactly("backup", "backup 2", "backup 4");
        assertThat(server.api().put(schedules + "/" + third.at("/id"), UNNAMED).at("/name"))
                .isEqualTo("backup 4");
        assertThat(server.api().put(schedules + "/" + first.at("/id"), UNNAMED).at("/name"))
                .isEqualTo("backup");
    }

    private static Map<String, Object> named(String name) {
        var body = new HashMap<>(NIGHTLY);
        body.put("name", name);
        return body;
    }
}
