package io.resticfleet.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.DiskReport;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is found wrong with repositories, disks and the server itself. */
@Tag("slow")
class RepositoryAndServerRulesTest {

    private static final long GIB = 1L << 30;

    @RegisterExtension
    final TestServer server = new TestServer();

    private NightlyHost web;
    private String repository;

    @BeforeEach
    void join() throws Exception {
        web = NightlyHost.connect(server, "web");
        server.clock().skip(Agents.START_GRACE);
        web.runBackup(JobStatus.SUCCEEDED);
        repository =
                "/api/repositories/" + server.api().get("/api/repositories").at("/items/0/id");
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_repository_that_cannot_be_reached_alerts_after_an_hour_and_one_that_is_damaged_at_once() throws Exception {
        report("network");
        assertThat(alerts()).isEmpty();
        pass(RepositoryRules.UNREACHABLE_GRACE);
        assertThat(alerts()).contains("repository_unreachable warning");

        report("damaged");
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).contains("repository_damaged critical").doesNotContain("repository_unreachable warning");
    }

    @Test
    void a_repository_that_was_not_checked_for_too_long_alerts_unless_that_is_off() throws Exception {
        assertThat(server.api().get(repository).at("/check_within_days")).isEqualTo("60");
        server.api().patch(repository, Map.of("check_within_days", 1));
        pass(Duration.ofDays(1).plus(RepositoryRules.CHECK_GRACE).minusSeconds(31));
        assertThat(alerts()).doesNotContain("check_overdue warning");
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).contains("check_overdue warning");

        server.api().patch(repository, Map.of("check_within_days", 0));
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).doesNotContain("check_overdue warning");
    }

    @Test
    void a_repository_larger_than_its_limit_alerts_and_one_that_grows_towards_it_does_before() throws Exception {
        var today = LocalDate.ofInstant(server.now(), ZoneOffset.UTC);
        for (int day = 0; day < 10; day++) {
            server.sql(
                    "INSERT INTO repository_stats (repository_id, day, measured_at, size_bytes, blob_count, snapshot_count)"
                            + " SELECT id, '" + today.minusDays(9 - day) + "', "
                            + server.now().minus(Duration.ofDays(9 - day)).toEpochMilli() + ", " + (100 + day) * GIB
                            + ", 1, 1 FROM repositories");
        }
        server.sql("UPDATE repositories SET size_bytes = " + 109 * GIB);
        assertThat(server.api()
                        .patch(repository, Map.of("size_limit_bytes", 130 * GIB))
                        .at("/size_limit_bytes"))
                .isEqualTo(Long.toString(130 * GIB));
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).isEmpty();
        pass(RepositoryRules.CHECK_GRACE);
        assertThat(alerts()).contains("repository_large info");

        server.api().patch(repository, Map.of("size_limit_bytes", 105 * GIB));
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).contains("repository_large warning");
    }

    @Test
    void limits_that_cannot_be_are_refused() throws Exception {
        var answer = server.api().patch(repository, Map.of("size_limit_bytes", -1, "check_within_days", 5_000));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("invalid_size_limit", "invalid_check_days");
    }

    @Test
    void a_key_that_nobody_has_confirmed_alerts() throws Exception {
        server.sql(
                "INSERT INTO repository_keys (repository_id, key_id, username, hostname, created, first_seen_at, expected)"
                        + " SELECT id, 'abcdef01', 'root', 'evil', '2026-03-01', 1, 0 FROM repositories");
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).containsExactly("repository_key_found critical");
    }

    @Test
    void a_machine_whose_disk_is_nearly_full_alerts_until_there_is_clearly_more_space() throws Exception {
        disk(GIB / 2);
        assertThat(alerts()).containsExactly("host_disk_full warning");
        disk(1_100L << 20);
        assertThat(alerts()).containsExactly("host_disk_full warning");
        disk(2 * GIB);
        assertThat(alerts()).isEmpty();
        disk(1_100L << 20);
        assertThat(alerts()).isEmpty();
        disk(50L << 20);
        assertThat(alerts()).containsExactly("host_disk_full critical");
    }

    @Test
    void many_failed_sign_ins_alert_for_an_hour() throws Exception {
        for (int i = 0; i < 30; i++) {
            server.api().post("/api/auth/login", Map.of("username", "anna", "password", "wrong-" + i));
        }
        assertThat(alerts()).containsExactly("sign_in_attack warning");
        pass(Duration.ofHours(1).minusSeconds(1));
        assertThat(alerts()).containsExactly("sign_in_attack warning");
        pass(Duration.ofSeconds(2));
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_database_without_a_fresh_copy_alerts() throws Exception {
        pass(ServerRules.COPY_AGE.plusMinutes(1));
        server.maintenance().checkAlerts();
        server.clock().advance(ServerRules.COPY_GRACE);
        server.maintenance().checkAlerts();
        assertThat(server.api().get("/api/alerts?state=open").at("/items/0/kind"))
                .isEqualTo("server_copy_overdue");

        server.maintenance().copyDatabase();
        pass(Duration.ofMinutes(1));
        assertThat(alerts()).isEmpty();
    }

    private void disk(long free) throws Exception {
        web.agent()
                .sendAndDrain(new ToServer.Heartbeat(
                        server.now(), Optional.empty(), Optional.of(new DiskReport(free, 20 * GIB))));
    }

    private void report(String code) throws Exception {
        web.agent()
                .sendAndDrain(new SampleReports(server)
                        .failed(1_000 + code.length(), SampleReports.id(1_000 + code.length()), web.schedule(), code));
    }

    /** Not so long that a backup is due. */
    private void pass(Duration time) {
        server.clock().advance(time);
    }

    private List<String> alerts() throws Exception {
        return new OpenAlerts(server).look();
    }
}
