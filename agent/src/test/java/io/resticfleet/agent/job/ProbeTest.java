package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.ProbeResult;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A test of a repository that also writes and removes. */
@Tag("slow")
class ProbeTest {

    @TempDir
    Path root;

    @Test
    void where_everything_is_allowed_nothing_stays() {
        try (var harness = new JobHarness(root)) {
            harness.createRepository();

            var end = probe(harness);

            assertThat(end.stats()).as(end.toString()).isEqualTo(new ProbeResult(1, 1));
            assertThat(harness.repository.resolve("snapshots")).isEmptyDirectory();
        }
    }

    @Test
    void where_nothing_can_be_removed_one_snapshot_stays_however_often_it_is_tested() throws IOException {
        var restic = JobHarness.resticBut(
                root, "*' forget '*) echo 'unable to remove snapshot/1: 403 Forbidden' >&2;" + " exit 0;;");
        try (var harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS)) {
            harness.createRepository();

            var first = probe(harness);
            var second = probe(harness);

            assertThat(first.stats()).as(first.toString()).isEqualTo(new ProbeResult(1, 0));
            assertThat(second.stats()).isEqualTo(new ProbeResult(1, 0));
            assertThat(harness.repository.resolve("snapshots").toFile().list()).hasSize(1);
            assertThat(harness.log(second.jobId().value())).contains("can write here but not remove");
        }
    }

    @Test
    void a_known_repository_that_is_missing_fails_also_if_it_is_not_the_hosts_first() {
        try (var harness = new JobHarness(root)) {
            harness.createRepository(root.resolve("first"));
            var first = known("01J00000000000000000000001", "first");
            var second = known("01J00000000000000000000002", "repository");
            harness.credentials.store(new ToAgent.ConfigUpdate(
                    "web-01",
                    first.repository(),
                    true,
                    Optional.of(first.repositoryId()),
                    Optional.of(List.of(first, second)),
                    Optional.empty()));

            var end = probe(harness);

            assertThat(end.errorCode()).as(end.toString()).contains(ErrorCode.REPO_NOT_FOUND.reported());
        }
    }

    private ToAgent.HostRepository known(String id, String directory) {
        return new ToAgent.HostRepository(new RepositoryId(id), at(root.resolve(directory)), true, false);
    }

    private static Repository at(Path place) {
        return new Repository(
                new RepositoryUrl(place.toString()), Optional.empty(), Optional.empty(), JobHarness.PASSWORD);
    }

    private static ToServer.JobFinished probe(JobHarness harness) {
        return harness.end(harness.submit(new JobSpec.Probe(at(harness.repository), true)));
    }
}
