package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Adding, changing and deleting schedules with the form. */
class ScheduleFormTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;
    private EnrolledAgent web;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
    }

    @Test
    void a_backup_is_saved_with_all_fields_and_shown_with_them_again() throws Exception {
        var agent = web.connectInSync();
        var list = open("/new?kind=backup")
                .form("Save")
                .fill("Name", "etc & co")
                .fill("Cron expression", "0 */6 * * 1-5")
                .fill("Time zone", "Europe/London")
                .fill("If the machine was off", "within:6h")
                .fill("Start jitter", "15")
                .fill("Paths", "/etc\n\n  /srv/a b\n")
                .fill("Excludes", "*.tmp\n!important.tmp\n/home/*/.cache")
                .fill("Tags", "front, nightly ,")
                .fill("Keep daily", "14")
                .fill("All within", "30d")
                .check("Stay in one file system")
                .uncheck("Exclude cache directories")
                .fill("Upload limit", "512")
                .fill("Before", "\nset -e\n  systemctl stop app # \"quoted\"\n")
                .submit();
        assertThat(list.path()).startsWith(path(""));

        var saved = only();
        assertThat(agent.receive(ToAgent.ScheduleSet.class).schedules())
                .extracting(schedule -> schedule.id().value())
                .containsExactly(saved.path("id").asText());
        assertThat(without(saved, "id"))
                .isEqualTo("{\"kind\":\"backup\",\"name\":\"etc & co\",\"enabled\":true,\"manual\":false,"
                        + "\"cron\":\"0 */6 * * 1-5\",\"time_zone\":\"Europe/London\",\"paths\":[\"/etc\",\"/srv/a b\"],"
                        + "\"excludes\":[\"*.tmp\",\"!important.tmp\",\"/home/*/.cache\"],\"tags\":[\"front\",\"nightly\"],"
                        + "\"retention\":{\"keep_last\":0,\"keep_hourly\":0,\"keep_daily\":14,\"keep_weekly\":0,"
                        + "\"keep_monthly\":0,\"keep_yearly\":0,\"keep_within\":\"30d\"},"
                        + "\"options\":{\"one_file_system\":true,\"exclude_caches\":false,\"limit_upload_kib\":512},"
                        + "\"hooks\":{\"pre\":\"set -e\\n  systemctl stop app # \\\"quoted\\\"\",\"post\":null},"
                        + "\"catch_up\":\"within:6h\",\"jitter_minutes\":15,\"repository_id\":null}");

        var form = list.follow("Edit etc & co");
        assertThat(form.value("Paths")).isEqualTo("/etc\n/srv/a b");
        assertThat(form.value("Excludes")).isEqualTo("*.tmp\n!important.tmp\n/home/*/.cache");
        assertThat(form.value("Tags")).isEqualTo("front, nightly");
        assertThat(form.value("Before")).isEqualTo("set -e\n  systemctl stop app # \"quoted\"");
        assertThat(form.value("Keep weekly")).isEmpty();
        assertThat(form.isChecked("Enabled")).isTrue();
        var again = form.press("Save");
        assertThat(again.path()).startsWith(path(""));
        assertThat(again.text(".toast")).contains("Saved.");
        assertThat(only()).as("saved without a change").isEqualTo(saved);
    }

    @Test
    void each_kind_has_only_its_own_fields() throws Exception {
        for (var kind : List.of("forget", "prune", "check")) {
            var form = open("/new?kind=" + kind);
            assertThat(form.select("#cron")).hasSize(1);
            assertThat(form.select("#paths")).isEmpty();
            assertThat(form.select("#hook_pre")).hasSize(1);
            assertThat(form.select("#keep_daily")).hasSize(kind.equals("forget") ? 1 : 0);
            var list = form.form("Save").fill("Name", "my " + kind).submit();
            assertThat(list.link("Edit my " + kind)
                            .closest(".schedule")
                            .select(".kind")
                            .text())
                    .isEqualTo(kind.substring(0, 1).toUpperCase() + kind.substring(1));
        }
        assertThat(open("/new?kind=backup").select("#cron, #paths, #hook_pre, #keep_daily"))
                .hasSize(4);
        assertThat(schedules())
                .extracting(schedule -> schedule.path("kind").asText())
                .containsExactly("forget", "prune", "check");
        assertThat(schedules().get(0).at("/retention/keep_daily").asInt()).isEqualTo(14);
    }

    @Test
    void a_schedule_is_deleted_on_its_own_page() throws Exception {
        web.addSchedule(Samples.NIGHTLY);

        var list = open("").follow("Edit nightly").press("Delete schedule nightly");

        assertThat(list.path()).startsWith(path(""));
        assertThat(list.select(".empty")).hasSize(1);
        assertThat(schedules()).isEmpty();
    }

    @Test
    void the_form_works_without_scripts() throws Exception {
        var refused = open("/new?kind=backup")
                .form("Save")
                .fill("Cron expression", "61 * * * *")
                .fill("Paths", "/srv")
                .submitWithoutScripts();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.select("#cron-wrong")).hasSize(1);
        assertThat(refused.value("Paths")).isEqualTo("/srv");

        var saved = refused.form("Save").fill("Cron expression", "1 * * * *").submitWithoutScripts();

        assertThat(saved.path()).isEqualTo(path("?saved"));
        assertThat(saved.text(".toast")).contains("Saved.");
        assertThat(only().path("cron").asText()).isEqualTo("1 * * * *");
    }

    private HtmlPage open(String path) throws Exception {
        return anna.open(path(path));
    }

    private String path(String more) {
        return "/hosts/" + web.hostId() + "/schedules" + more;
    }

    private List<JsonNode> schedules() throws Exception {
        var all = new ArrayList<JsonNode>();
        server.api()
                .get("/api/hosts/" + web.hostId() + "/schedules")
                .json()
                .path("schedules")
                .forEach(all::add);
        return all;
    }

    private JsonNode only() throws Exception {
        assertThat(schedules()).hasSize(1);
        return schedules().get(0);
    }

    private static String without(JsonNode node, String field) {
        return ((ObjectNode) node.deepCopy()).without(field).toString();
    }
}
