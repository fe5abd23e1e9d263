package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs every minute, with and without the server; slow, so this is a single test. */
@Order(1)
class CronTest {

    private static final Duration TWO_TICKS = Duration.ofSeconds(150);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_schedule_runs_when_due_with_and_without_the_server() throws Exception {
        var source = Sources.small(fleet.directory("files"));
        var machine = fleet.machine(Restic.newest()).join();
        var server = fleet.server();
        var made = Instant.now();
        var schedule = server.schedule(
                machine.host(),
                Map.of("kind", "backup", "name", "often", "cron", "* * * * *", "paths", List.of(source.toString())));

        within(TWO_TICKS, () -> assertThat(jobs(machine)).isNotEmpty());
        var first = server.awaitEnd(jobs(machine).get(0).path("id").asText());

        assertRan(first, schedule);
        assertThat(Instant.parse(first.path("due_at").asText())).isAfter(made);

        server.kill();
        var held = machine.restic().snapshots().size();
        within(TWO_TICKS, () -> assertThat(machine.restic().snapshots()).hasSizeGreaterThan(held));
        server.restart();

        within(TWO_TICKS, () -> assertThat(jobs(machine)).hasSizeGreaterThan(held));
        var all = jobs(machine);
        var away = server.awaitEnd(all.get(all.size() - 1 - held).path("id").asText());
        assertRan(away, schedule);
        assertThat(jobs(machine)).extracting(job -> job.path("due_at").asText()).doesNotHaveDuplicates();
        var ids = machine.restic().snapshots().stream()
                .map(snapshot -> snapshot.path("id").asText())
                .toList();
        assertThat(ids).anyMatch(id -> id.startsWith(away.path("snapshot_id").asText("?")));
    }

    private static void assertRan(JsonNode job, String schedule) {
        assertThat(job.path("status").asText()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.path("trigger").asText()).isEqualTo("cron");
        assertThat(job.path("schedule_id").asText()).isEqualTo(schedule);
        assertThat(Instant.parse(job.path("due_at").asText()).getEpochSecond() % 60)
                .isZero();
    }

    /** The host's backups, newest first. */
    private List<JsonNode> jobs(Fleet.Machine machine) throws Exception {
        return fleet.server().items("/api/jobs?kind=backup&host=" + machine.host());
    }
}
