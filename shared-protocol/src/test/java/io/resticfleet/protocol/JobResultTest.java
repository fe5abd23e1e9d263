package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobResultTest {

    @Test
    void a_figure_that_restic_leaves_out_is_zero_and_one_of_tomorrow_is_ignored() {
        var figures = JobResult.read(JobKind.BACKUP, "{\"files_new\":2,\"total_duration\":1.5,\"moons\":1}");

        assertThat(figures)
                .isEqualTo(new BackupResult(
                        2, 0, 0, 0, 0, 0, 0, Optional.empty(), 0, 0, 1.5, 0, Optional.empty(), Optional.empty()));
    }

    @Test
    void figures_are_read_by_the_kind_of_job_beside_them() {
        var figures = "{\"error_count\":2,\"snapshots_kept\":3,\"snapshots_removed\":1}";

        assertThat(JobResult.read(JobKind.FORGET, figures)).isEqualTo(new ForgetResult(3, 1));
        assertThat(JobResult.read(JobKind.CHECK, figures))
                .isEqualTo(new CheckResult(2, Optional.empty(), Optional.empty()));
        assertThat(JobResult.read(JobKind.PRUNE, figures)).isEqualTo(new NoResult());
    }

    @ParameterizedTest
    @EnumSource(JobKind.class)
    void a_job_of_any_kind_may_have_none(JobKind kind) {
        assertThat(JobResult.read(kind, "{}")).isEqualTo(new NoResult());
        assertThat(JobResult.read(kind, "{\"moons\":1}")).isEqualTo(new NoResult());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"files_new\":\"hunter2\"}", "{\"files_new\":", "{\"files_new\":[1]}"})
    void what_is_no_number_is_refused(String figures) {
        assertThatIllegalArgumentException().isThrownBy(() -> JobResult.read(JobKind.BACKUP, figures));
    }
}
