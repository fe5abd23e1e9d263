package io.resticfleet.server.page.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.resticfleet.protocol.RetentionPolicy;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionWordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            # last | hourly | daily | weekly | monthly | yearly | within    | words
            5      | 0      | 14    | 8      | 12      | 0      | 30d       | keeps the last 5, 14 daily, 8 weekly, 12 monthly, and everything within 30 days of the newest
            5      | 0      | 14    | 8      | 12      | 0      | -         | keeps the last 5, 14 daily, 8 weekly and 12 monthly
            5      | 0      | 0     | 0      | 0       | 0      | -         | keeps the last 5
            1      | 0      | 0     | 0      | 0       | 0      | -         | keeps the latest
            1      | 0      | 7     | 0      | 0       | 0      | -         | keeps the latest and 7 daily
            0      | 24     | 0     | 0      | 0       | 0      | -         | keeps 24 hourly
            0      | 0      | 1     | 0      | 0       | 0      | -         | keeps 1 daily
            0      | 0      | 0     | 0      | 12      | 10     | -         | keeps 12 monthly and 10 yearly
            2      | 3      | 4     | 5      | 6       | 7      | 8h        | keeps the last 2, 3 hourly, 4 daily, 5 weekly, 6 monthly, 7 yearly, and everything within 8 hours of the newest
            5      | 0      | 0     | 0      | 0       | 0      | 30d       | keeps the last 5 and everything within 30 days of the newest
            0      | 0      | 7     | 4      | 0       | 0      | 1m        | keeps 7 daily, 4 weekly, and everything within 1 month of the newest
            0      | 0      | 0     | 0      | 0       | 0      | 1y6m7d12h | keeps everything within 1 year, 6 months, 7 days and 12 hours of the newest
            0      | 0      | 0     | 0      | 0       | 0      | 2y1h      | keeps everything within 2 years and 1 hour of the newest
            0      | 0      | 0     | 0      | 0       | 0      | 0y6m0d01h | keeps everything within 6 months and 1 hour of the newest
            0      | 0      | 0     | 0      | 0       | 0      | 99999d    | keeps everything within 99999 days of the newest
            1000000 | 0     | 0     | 0      | 0       | 0      | -         | keeps the last 1000000
            5      | 0      | 0     | 0      | 0       | 0      | 0d        | keeps the last 5
            0      | 0      | 0     | 0      | 0       | 0      | 0d        | keeps every snapshot
            0      | 0      | 0     | 0      | 0       | 0      | -         | keeps every snapshot
            """)
    void tells_what_is_kept(
            int last, int hourly, int daily, int weekly, int monthly, int yearly, String within, String words) {
        var policy = new RetentionPolicy(last, hourly, daily, weekly, monthly, yearly, Optional.ofNullable(within));

        assertThat(RetentionWords.of(policy)).isEqualTo(words);
    }

    @Test
    void an_empty_policy_removes_nothing() {
        assertThat(RetentionWords.of(RetentionPolicy.NONE)).isEqualTo("keeps every snapshot");
    }

    @Test
    void an_invalid_policy_has_no_words() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetentionWords.of(new RetentionPolicy(-1, 0, 0, 0, 0, 0, Optional.of("soon"))))
                .withMessage("keep_last must be 0 to 1000000 but is -1; keep_within must be a duration such as 30d or"
                        + " 1y6m7d12h but is 'soon'");
    }
}
