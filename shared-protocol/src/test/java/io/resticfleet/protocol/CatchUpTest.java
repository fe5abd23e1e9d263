package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatchUpTest {

    @ParameterizedTest
    @CsvSource({
        "run_once, run_once",
        "skip, skip",
        "within:90m, within:90m",
        "within: 6h, within:6h",
        "within:120m, within:2h",
        "within:48h, within:2d"
    })
    void is_written_in_the_largest_exact_unit(String typed, String written) {
        assertThat(CatchUp.parse(typed)).hasToString(written);
        assertThat(CatchUp.parse(written)).isEqualTo(CatchUp.parse(typed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "once", "within", "within:", "within:0h", "within:-1h", "within:6", "within:6w", "6h"})
    void other_text_is_refused_with_the_valid_values(String typed) {
        assertThatThrownBy(() -> CatchUp.parse(typed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("run_once, skip, or within:");
    }

    @Test
    void within_limits_how_late_a_run_may_start() {
        assertThat(CatchUp.parse("within:6h").longest()).isEqualTo(Duration.ofHours(6));
        assertThat(CatchUp.SKIP.longest()).isZero();
    }

    @Test
    void a_peer_that_omits_it_means_the_default() throws Wire.UnreadableMessage {
        var set = (ToAgent.ScheduleSet) Wire.decodeToAgent("""
                {"type":"schedule.set","version":3,"schedules":[{"id":"01S00000000000000000000001","kind":"check","name":"c","enabled":true,
                 "manual":true,"paths":[],"excludes":[],"tags":[],
                 "retention":{"keep_last":0,"keep_hourly":0,"keep_daily":0,"keep_weekly":0,"keep_monthly":0,"keep_yearly":0},
                 "options":{"one_file_system":false,"exclude_caches":false,"limit_upload_kib":0},"hooks":{}}]}""");

        assertThat(set.schedules().get(0).catchUp()).isEqualTo(CatchUp.RUN_ONCE);
        assertThat(set.schedules().get(0).jitterMinutes()).isZero();
    }
}
