package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionPolicyTest {

    @Test
    void a_policy_without_a_rule_keeps_nothing() {
        assertThat(RetentionPolicy.NONE.isEmpty()).isTrue();
        assertThat(RetentionPolicy.NONE.violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0d", "0h", "0y0m0d0h", "000d", "", "  "})
    void a_keep_within_of_zero_keeps_nothing(String within) {
        assertThat(within(within).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"30d", "1y", "6m", "12h", "1y6m7d12h", "0y0m0d1h"})
    void a_duration_in_restics_format_keeps_snapshots(String within) {
        assertThat(within(within).isEmpty()).isFalse();
        assertThat(within(within).violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"30", "d", "1d1y", "-1d", "+1d", "1w", "1.5d", "30d ", "30 d", "30D", "٣d", "1d\n", "99999y"})
    void any_other_duration_is_refused(String within) {
        assertThat(within(within).violations())
                .containsExactly(new Violation(
                        "retention.keep_within",
                        "invalid_retention",
                        "keep_within must be a duration such as 30d or 1y6m7d12h but is '" + within + "'"));
    }

    @Test
    void one_rule_is_enough_to_keep_snapshots() {
        assertThat(new RetentionPolicy(0, 0, 0, 0, 0, 1, Optional.empty()).isEmpty())
                .isFalse();
    }

    @Test
    void a_negative_number_is_refused_and_keeps_nothing() {
        var policy = new RetentionPolicy(-1, 0, 0, 0, 0, 0, Optional.empty());

        assertThat(policy.isEmpty()).isTrue();
        assertThat(policy.violations())
                .containsExactly(new Violation(
                        "retention.keep_last", "invalid_retention", "keep_last must be 0 to 1000000 but is -1"));
    }

    @Test
    void all_violations_are_reported_at_once() {
        var policy = new RetentionPolicy(0, -2, 1_000_001, 3, -4, 5, Optional.of("soon"));

        assertThat(policy.violations())
                .extracting(Violation::field)
                .containsExactly(
                        "retention.keep_hourly",
                        "retention.keep_daily",
                        "retention.keep_monthly",
                        "retention.keep_within");
    }

    @Test
    void rules_have_restics_names() {
        assertThat(new RetentionPolicy(1, 2, 3, 4, 5, 6, Optional.empty()).counts())
                .containsExactly(
                        entry("keep-last", 1),
                        entry("keep-hourly", 2),
                        entry("keep-daily", 3),
                        entry("keep-weekly", 4),
                        entry("keep-monthly", 5),
                        entry("keep-yearly", 6));
    }

    private static RetentionPolicy within(String within) {
        return new RetentionPolicy(0, 0, 0, 0, 0, 0, Optional.of(within));
    }
}
