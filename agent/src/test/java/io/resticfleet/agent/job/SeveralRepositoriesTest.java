package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host with two repositories. */
@Tag("slow")
class SeveralRepositoriesTest {

    private static final RepositoryId FIRST = new RepositoryId("01J00000000000000000000001");
    private static final RepositoryId SECOND = new RepositoryId("01J00000000000000000000002");

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
        harness.createRepository(root.resolve("one"));
        harness.createRepository(root.resolve("two"));
        var one = new ToAgent.HostRepository(FIRST, at("one"), true, false);
        var two = new ToAgent.HostRepository(SECOND, at("two"), true, false);
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                one.repository(),
                true,
                Optional.of(FIRST),
                Optional.of(List.of(one, two)),
                Optional.empty()));
        harness.snapshots.asked();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void each_schedule_saves_to_its_own_and_each_list_is_offered() {
        var totals = new HashMap<RepositoryId, Long>();
        assertThat(harness.snapshots.follow(harness.credentials.each())).isTrue();

        var named = harness.run(at(harness.everything(), SECOND));
        var unnamed = harness.run(harness.everything());

        assertThat(List.of(named.status(), unnamed.status())).containsOnly(JobStatus.SUCCEEDED);
        eventually(() -> {
            offers().forEach(offer -> totals.put(offer.repositoryId(), offer.total()));
            assertThat(totals).containsEntry(FIRST, 1L).containsEntry(SECOND, 1L);
        });
        assertThat(harness.resticAt(root.resolve("two"), "snapshots", "--json"))
                .contains(named.snapshotId().orElseThrow());
    }

    @Test
    void a_schedule_of_a_repository_that_the_host_does_not_have_fails_and_saves_nothing() {
        var end = harness.run(at(harness.everything(), new RepositoryId("01J00000000000000000000003")));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains(ErrorCode.REPOSITORY_CHANGED.reported());
    }

    private List<SnapshotsOffer> offers() {
        var offers = new ArrayList<SnapshotsOffer>();
        for (var next = harness.snapshots.next(); next.isPresent(); next = harness.snapshots.next()) {
            if (next.get() instanceof SnapshotsOffer offer) {
                offers.add(offer);
            }
        }
        return offers;
    }

    private Repository at(String name) {
        return new Repository(
                new RepositoryUrl(root.resolve(name).toString()),
                Optional.empty(),
                Optional.empty(),
                JobHarness.PASSWORD);
    }

    private static Schedule at(Schedule schedule, RepositoryId id) {
        return new Schedule(
                schedule.id(),
                schedule.kind(),
                schedule.name(),
                schedule.enabled(),
                schedule.manual(),
                schedule.cron(),
                schedule.timeZone(),
                schedule.paths(),
                schedule.excludes(),
                schedule.tags(),
                schedule.retention(),
                schedule.options(),
                schedule.hooks(),
                schedule.catchUp(),
                schedule.jitterMinutes(),
                Optional.of(id));
    }
}
