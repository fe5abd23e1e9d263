package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Backups that are not like the ones before, in API and pages. */
class ShrinkGuardsTest {

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--unusual-loss", "40"));

    private EnrolledAgent web;
    private AgentClient agent;
    private SampleReports reports;
    private String nightly;
    private int runs;
    private long sequence;
    private final List<Snapshot> snapshots = new ArrayList<>();

    @BeforeEach
    void begin() throws Exception {
        reports = new SampleReports(server);
        web = server.enrol("web");
        nightly = web.addSchedule(Samples.NIGHTLY);
        agent = web.connectInSync();
    }

    @Test
    void a_backup_that_lost_much_holds_retention_until_it_is_accepted() throws Exception {
        backUp(1_000);
        backUp(1_000);
        assertThat(host("/retention_held")).isEqualTo("[]");

        backUp(600);
        var lost = backUp(480);
        var later = backUp(1_000);

        assertThat(job(lost, "/status")).isEqualTo("succeeded");
        assertThat(job(lost, "/error_code")).isEqualTo("backup_shrunk");
        assertThat(job(lost, "/error")).contains("this backup has 480 files");
        assertThat(job(later, "/error_code")).isEqualTo("retention_held");
        assertThat(host("/retention_held/0/job_id")).isEqualTo(later);
        assertThat(host("/retention_held/0/reason")).contains(lost);
        assertThat(page("/hosts/" + web.hostId())).contains("Unusual backup", lost);
        assertThat(page("/")).contains("1 with an unusual backup");
        assertThat(page("/jobs/" + lost)).contains("this backup has 480 files", "This is meant");
        assertThat(page("/jobs/" + later))
                .contains("href=\"/jobs/" + lost + "\"")
                .doesNotContain("This is meant");
        assertThat(accept(later)).isEqualTo("409 not_acceptable");

        assertThat(accept(lost)).isEqualTo("200");

        assertThat(job(later, "/error_code")).isEqualTo("null");
        assertThat(host("/retention_held")).isEqualTo("[]");
        assertThat(page("/hosts/" + web.hostId())).doesNotContain("Unusual backup");
        assertThat(page("/jobs/" + lost)).contains("Accepted as meant");
        assertThat(accept(lost)).isEqualTo("200");
    }

    @Test
    void the_figures_are_those_of_the_snapshots_even_if_they_are_listed_later() throws Exception {
        backUp(1_000);

        var lost = ended();
        assertThat(job(lost, "/error_code")).isEqualTo("null");
        list(10);

        assertThat(job(lost, "/error_code")).isEqualTo("backup_shrunk");
    }

    @Test
    void a_partial_backup_that_lost_much_keeps_its_code_and_can_be_accepted() throws Exception {
        backUp(1_000);
        list(10);
        var job = SampleReports.id(++runs);
        server.clock().advance(Duration.ofDays(1));
        agent.sendAndDrain(Samples.changed(
                reports.partial(++sequence, job, nightly, "files_unreadable"), Map.of("snapshot_id", id(runs))));
        list(10);

        assertThat(job(job, "/error_code")).isEqualTo("files_unreadable");
        assertThat(job(job, "/error"))
                .containsOnlyOnce("this backup has 10 files")
                .startsWith(SampleReports.ERROR);
        assertThat(page("/jobs/" + job)).contains("This is meant");
        assertThat(accept(job)).isEqualTo("200");
        assertThat(page("/jobs/" + job)).contains("Accepted as meant");
    }

    /** Reports a backup; returns its job. */
    private String backUp(long files) throws Exception {
        list(files);
        return ended();
    }

    private String ended() throws Exception {
        server.clock().advance(Duration.ofDays(1));
        var job = SampleReports.id(++runs);
        agent.sendAndDrain(
                Samples.changed(reports.finished(++sequence, job, nightly), Map.of("snapshot_id", id(runs))));
        return job;
    }

    private void list(long files) throws Exception {
        int number = snapshots.size() + 1;
        snapshots.add(new Snapshot(
                id(number),
                id(number).substring(0, 8),
                server.now(),
                "web",
                "root",
                List.of("/etc", "/home"),
                List.of("schedule:" + nightly),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(files),
                Optional.of(files * 1_000),
                Optional.of(0L),
                Optional.of(0L),
                Optional.empty()));
        agent.sendAndDrain(new ToServer.SnapshotsReport(++sequence, server.now(), List.copyOf(snapshots)));
    }

    private static String id(int number) {
        return "%064x".formatted(number);
    }

    private String accept(String job) throws Exception {
        return server.api()
                .post("/api/hosts/" + web.hostId() + "/schedules/" + nightly + "/accept", Map.of("job_id", job))
                .outcome();
    }

    private String job(String job, String field) throws Exception {
        return server.api().get("/api/jobs/" + job).json().at(field).asText();
    }

    private String host(String field) throws Exception {
        var found = server.api().get("/api/hosts/" + web.hostId()).json().at(field);
        return found.isTextual() ? found.asText() : found.toString();
    }

    private String page(String path) throws Exception {
        return server.api()
                .get(path, "Cookie", "rf_session=" + server.session())
                .text();
    }
}
