package io.resticfleet.server.page.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.NightlyHost;
import io.resticfleet.server.page.PageClient;
import io.resticfleet.server.page.SeededHistory;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of all jobs, newest first. */
class ActivityTest {

    private static final String LINES = ".jobs > li";
    private static final Instant LONG_AGO = TestServer.START.minus(Duration.ofDays(90));

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @Test
    void before_any_job_has_run_the_list_explains_why_it_is_empty() throws Exception {
        assertThat(anna.open("/jobs").text(".empty")).contains("No job matches the filter, or none has run yet.");
    }

    @Test
    void jobs_are_listed_newest_first_with_result_and_error() throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            history.backup(web, nightly, server.now().minus(Duration.ofDays(1)), JobStatus.SUCCEEDED);
            history.backup(
                    web, nightly, server.now().minus(Duration.ofHours(2)), JobStatus.FAILED, "no space", "no_space");
        }

        var page = anna.open("/jobs");

        assertThat(page.texts(LINES)).hasSize(2);
        assertThat(page.texts(LINES).get(0)).contains("failed", "Backup nightly on web", "no space", "2 h ago");
        assertThat(page.texts(LINES).get(1)).contains("succeeded");
        assertThat(page.follow("web").text("h1")).isEqualTo("web");
    }

    @Test
    void older_jobs_are_on_further_pages_each_once_with_the_same_filter() throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            for (int day = 0; day < 70; day++) {
                var due = LONG_AGO.plus(Duration.ofDays(day));
                history.backup(web, nightly, due, JobStatus.FAILED, "day " + day, "unknown");
                history.backup(web, nightly, due, JobStatus.SUCCEEDED);
            }
        }
        var newest = anna.open("/jobs?status=failed");
        assertThat(newest.texts(LINES)).hasSize(50);
        assertThat(newest.texts(LINES).get(0)).contains("day 69");

        var older = newest.follow("Older");

        assertThat(older.texts(LINES)).hasSize(20);
        assertThat(older.texts(LINES).get(0)).contains("day 19");
        assertThat(older.texts(LINES).get(19)).contains("day 0");
        assertThat(older.links("Older")).isEmpty();
        assertThat(older.value("Status")).isEqualTo("failed");
    }

    @Test
    void a_host_has_its_own_list() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var nas = NightlyHost.connect(server, "nas");
        web.runBackup(JobStatus.FAILED);
        nas.runBackup(JobStatus.SUCCEEDED);

        var page = anna.open(web.path()).follow("Jobs");

        assertThat(page.text(LINES)).contains("failed").doesNotContain("on web");
        var filtered = page.formAround("Status").select("Status", "succeeded").submit();
        assertThat(filtered.select(".empty")).hasSize(1);
        assertThat(filtered.text("h1")).isEqualTo("web");
        assertThat(filtered.path()).isEqualTo(web.path() + "/jobs?kind=&status=succeeded");
    }
}
