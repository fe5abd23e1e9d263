package io.resticfleet.server.retention;

import static io.resticfleet.server.retention.RetainedHost.copyId;
import static io.resticfleet.server.retention.RetainedHost.id;
import static io.resticfleet.server.retention.RetainedHost.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the server has removed of copies in another repository. */
@Tag("slow")
class CopyRetentionTest {

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private RetainedHost host;

    @BeforeEach
    void join() throws Exception {
        host = new RetainedHost(server);
    }

    @Test
    void copies_count_where_their_originals_do_and_have_a_retention_of_their_own() throws Exception {
        var second = new RepositoryId(server.api()
                .post("/api/repositories", Map.of("url", "rest:http://nas:8000/second/", "repo_password", "p"))
                .at("/id"));
        server.api().put("/api/hosts/" + host.web.hostId() + "/repositories/" + second, Map.of());
        var copy = host.web.addSchedule(Map.of(
                "kind",
                "copy",
                "cron",
                "0 4 * * *",
                "time_zone",
                "UTC",
                "options",
                Map.of("to", second),
                "retention",
                Map.of("keep_daily", 2)));
        for (int day = 0; day < 6; day++) {
            host.backup();
        }
        assertThat(copies(second).at("/items/0/state")).isEqualTo("unknown");
        var originals = List.copyOf(host.listed);
        var copies = new ArrayList<>(originals.stream()
                .map(one -> host.copyOf(one, 100 + originals.indexOf(one)))
                .toList());
        copies.add(host.copyOf(host.listed.get(5), 200)); // a second one of the same
        copies.add(RetainedHost.copyOf(
                host.listed.get(0),
                SampleReports.id(77),
                201)); // names a schedule that its original does not count for
        host.list(second, copies);
        assertThat(copies(second).at("/items/0/state")).isEqualTo("complete");
        host.due = host.due.plus(DAY.multipliedBy(8));
        host.backup();
        assertThat(copies(second).at("/items/0/state")).isEqualTo("waiting");
        host.orders();

        copies.add(host.copyOf(host.listed.get(6), 106));
        host.list(second, copies);

        var forget = host.orders().get(0);
        assertThat(forget.order().kind()).isEqualTo(JobKind.FORGET);
        assertThat(forget.repositoryId()).contains(second);
        host.list(second, copies);
        assertThat(host.plan(forget, second).remove())
                .containsExactly(copyId(100), copyId(101), copyId(102), copyId(103));
        assertThat(removed(host.preview(Map.of("schedule_id", copy))))
                .hasSize(4)
                .doesNotContain(copyId(104));
        assertThat(removed(host.preview(Map.of("schedule_id", copy, "retention", Map.of("keep_daily", 6)))))
                .containsExactly(copyId(100));

        host.agent.sendAndDrain(
                host.reports.ended(++host.sequence, forget.jobId().value(), JobKind.FORGET));
        host.list(second, copies.subList(4, copies.size()));
        var run = server.api().post("/api/hosts/" + host.web.hostId() + "/schedules/" + copy + "/run", "");
        var order = host.agent.receive(ToAgent.CommandRun.class);
        assertThat(run.at("/job_id")).isEqualTo(order.jobId().value());
        assertThat(((JobSpec.Copy) order.order()).without().orElseThrow())
                .containsExactlyInAnyOrder(id(0), id(1), id(2), id(3));

        var fresh = copies(second);
        assertThat(fresh.at("/items/0/missing")).isEqualTo("0");
        assertThat(fresh.at("/items/0/newest_copy_at"))
                .isEqualTo(host.listed.get(6).time().toString());
        host.backup();
        server.clock().advance(Duration.ofHours(3));
        assertThat(copies(second).at("/items/0/state")).isEqualTo("late");
    }

    private ApiResponse copies(RepositoryId of) throws Exception {
        return server.api().get("/api/repositories/" + of + "/copies");
    }
}
