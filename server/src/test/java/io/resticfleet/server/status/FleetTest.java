package io.resticfleet.server.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The shared status of all hosts. */
@Tag("slow")
class FleetTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private NightlyHost web;
    private NightlyHost nas;

    @BeforeEach
    void enrol() throws Exception {
        web = NightlyHost.connect(server, "web");
        nas = NightlyHost.connect(server, "nas");
    }

    @Test
    void readers_share_one_status_while_nothing_changes() throws Exception {
        var job = web.startBackup();
        var before = server.fleet();

        web.agent().sendAndDrain(new SampleReports(server).log(job, 1, 3));
        web.reportProgress(job, 30);
        server.api().post("/api/tokens", Map.of("name", "another"));
        server.api().get("/api/hosts");

        assertThat(server.fleet()).isSameAs(before);
    }

    @Test
    void a_change_of_one_host_leaves_the_others_unchanged() throws Exception {
        var before = server.fleet();

        web.runBackup(JobStatus.FAILED);

        var after = server.fleet();
        assertThat(after.find(new HostId(web.enrolled().hostId())).orElseThrow().state())
                .isEqualTo(HostState.FAILED);
        assertThat(after.find(new HostId(nas.enrolled().hostId())))
                .containsSame(before.find(new HostId(nas.enrolled().hostId())).orElseThrow());
    }

    @Test
    void changes_by_time_alone_are_shown() {
        assertThat(server.fleet().hosts()).extracting(HostStatus::presence).containsOnly(Presence.ONLINE);
        var due = server.fleet().hosts().get(0).nextBackup().orElseThrow();

        server.clock().set(due.minusMillis(1));
        assertThat(server.fleet().hosts().get(0).nextBackup()).contains(due);
        server.clock().set(due);
        assertThat(server.fleet().hosts().get(0).nextBackup()).contains(due.plus(Duration.ofDays(1)));
        server.clock().set(due.minusSeconds(1));
        assertThat(server.fleet().hosts().get(0).nextBackup()).contains(due);

        server.stop();
        server.start();
        assertThat(server.fleet().hosts()).extracting(HostStatus::presence).containsOnly(Presence.AWAITED);
        server.clock().skip(Duration.ofMinutes(5));
        assertThat(server.fleet().hosts()).extracting(HostStatus::presence).containsOnly(Presence.OFFLINE);
    }

    @Test
    void a_host_that_another_program_renames_is_shown_by_its_new_name() throws Exception {
        server.fleet();

        server.sql("UPDATE hosts SET name = 'renamed' WHERE hostname = 'web'");

        assertThat(names()).containsExactly("renamed", "nas");
    }

    /** The triggers report every change; this is the second line of defence. */
    @Test
    void an_unreported_change_is_found_within_five_minutes() {
        server.fleet();
        server.database().change(tx -> {
            tx.execute("DROP TRIGGER temp.changed_hosts_UPDATE");
            tx.execute("UPDATE hosts SET name = 'renamed' WHERE hostname = 'web'");
        });
        assertThat(names()).containsExactly("web", "nas");

        server.clock().skip(Duration.ofMinutes(6));

        assertThat(names()).containsExactly("renamed", "nas");
        assertThat(server.fleet()).isSameAs(server.fleet());
    }

    private List<String> names() {
        return server.fleet().hosts().stream()
                .map(status -> status.host().name())
                .toList();
    }
}
