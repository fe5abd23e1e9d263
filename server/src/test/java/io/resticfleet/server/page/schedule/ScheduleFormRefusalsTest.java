package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Schedules that cannot be saved: the error stands beside the field, and nothing typed is lost. */
class ScheduleFormRefusalsTest {

    /** By id of the field: the input, and the error beside it; in comments the API's code for it. */
    private static final List<Map<String, List<String>>> WRONG = List.of(
            input(
                    List.of("name", " ", "a schedule needs a name"), // name_required
                    List.of("cron", "", "a schedule needs a cron expression unless it is manual"), // cron_required
                    List.of(
                            "time_zone",
                            "Mars/North",
                            "time_zone must be an IANA name such as Europe/London but is 'Mars/North'"),
                    List.of(
                            "catch_up",
                            "always",
                            "catch_up must be run_once, skip, or within: and a duration such as 90m, 6h or 2d, but is"
                                    + " 'always'"), // invalid_catch_up
                    List.of("jitter_minutes", "721", "jitter_minutes must be 0 to 720 but is 721"), // invalid_jitter
                    List.of("paths", "", "a backup needs at least one path"), // paths_required
                    List.of("excludes", "good\nb\u0007d", "'b\u0007d' is not usable here"), // invalid_exclude
                    List.of("tags", "good, schedule:x", "'schedule:x' is not usable here"), // invalid_tag
                    List.of(
                            "keep_daily",
                            "1000001",
                            "keep_daily must be 0 to 1000000 but is 1000001"), // invalid_retention
                    List.of("keep_weekly", "-1", "this must be a whole number but is '-1'"), // wrong_type
                    List.of(
                            "keep_within",
                            "soon",
                            "keep_within must be a duration such as 30d or 1y6m7d12h but is 'soon'"),
                    List.of("limit_upload_kib", "1.5", "this must be a whole number but is '1.5'"),
                    List.of("hook_pre", "x".repeat(4097), "a hook is at most 4096 characters")), // invalid_hook
            input(
                    List.of("name", "two\tlines", "name must be at most 100 characters on one line"), // invalid_name
                    List.of("cron", "61 * * * *", "61"), // invalid_cron
                    List.of(
                            "paths",
                            "relative\n/good\n~/x",
                            "but is 'relative'; a path must be absolute, starting with /, but is '~/x'"),
                    List.of("excludes", "x".repeat(4097), "is not usable here"),
                    List.of("hook_post", "x".repeat(4097), "a hook is at most 4096 characters")),
            input(
                    List.of("paths", "/b\u0007d", "'/b\u0007d' is not usable here"), // invalid_path
                    List.of(
                            "excludes",
                            "x\n".repeat(1001).strip(),
                            "excludes has 1001 items; at most 1000"))); // too_many

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
    void all_errors_are_shown_at_once_beside_their_fields_which_keep_their_input() throws Exception {
        for (var attempt : WRONG) {
            var form =
                    open("/new?kind=backup").form("Save").fill("Paths", "/kept").uncheck("Exclude cache directories");
            attempt.forEach((field, input) -> form.fillId(field, input.get(1)));

            var refused = form.submit();

            assertThat(refused.status()).isEqualTo(400);
            attempt.forEach((field, input) -> {
                assertThat(refused.text("#" + field + "-wrong")).contains(input.get(2));
                assertThat(refused.only("#" + field).attr("aria-invalid")).isEqualTo("true");
                assertThat(refused.valueOf("#" + field)).isEqualTo(input.get(1));
            });
            assertThat(refused.select("[aria-invalid]")).hasSize(attempt.size());
            assertThat(refused.select(".field .wrong")).hasSize(attempt.size());
            assertThat(refused.text("[role=alert]")).isEqualTo("Not saved: " + attempt.size() + " fields are invalid.");
            assertThat(refused.isChecked("Exclude cache directories")).isFalse();
            if (!attempt.containsKey("paths")) {
                assertThat(refused.value("Paths")).isEqualTo("/kept");
            }
        }
        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/schedules").at("/version"))
                .isEqualTo("0");
    }

    @Test
    void a_forget_that_would_keep_nothing_is_refused() throws Exception {
        var refused = open("/new?kind=forget")
                .form("Save")
                .fill("Keep daily", "")
                .fill("Keep weekly", "")
                .fill("Keep monthly", "")
                .submit();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("#retention-wrong")).contains("would delete every snapshot; set what to keep");

        var list = refused.form("Save").fill("Keep last", "3").submit();
        assertThat(list.text(".schedule")).contains("keeps the last 3");
    }

    @Test
    void a_change_by_another_user_is_overwritten_only_by_saving_a_second_time() throws Exception {
        var id = web.addSchedule(Samples.NIGHTLY);
        var form = open("/" + id).form("Save").fill("Paths", "/mine");
        var theirs = new LinkedHashMap<String, Object>(Samples.NIGHTLY);
        theirs.put("paths", List.of("/theirs"));
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + id, theirs);

        var refused = form.submit();
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("[role=alert]")).contains("somebody else changed this schedule after you opened it");
        assertThat(refused.value("Paths")).isEqualTo("/mine");
        assertThat(pathsOf(id)).isEqualTo("[\"/theirs\"]");

        assertThat(refused.press("Save").path()).startsWith(path(""));
        assertThat(pathsOf(id)).isEqualTo("[\"/mine\"]");
    }

    @Test
    void saving_a_schedule_that_another_user_has_deleted_is_refused() throws Exception {
        var id = web.addSchedule(Samples.NIGHTLY);
        var form = open("/" + id).form("Save").fill("Paths", "/mine");
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + id);

        var refused = form.submit();

        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.text(".toast")).contains("there is no schedule " + id);
    }

    @SafeVarargs
    private static Map<String, List<String>> input(List<String>... fields) {
        return IntStream.range(0, fields.length)
                .boxed()
                .collect(Collectors.toMap(
                        i -> fields[i].get(0), i -> fields[i], (one, other) -> one, LinkedHashMap::new));
    }

    private HtmlPage open(String path) throws Exception {
        return anna.open(path(path));
    }

    private String path(String more) {
        return "/hosts/" + web.hostId() + "/schedules" + more;
    }

    private String pathsOf(String id) throws Exception {
        return server.api()
                .get("/api/hosts/" + web.hostId() + "/schedules/" + id)
                .json()
                .path("paths")
                .toString();
    }
}
