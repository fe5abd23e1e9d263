package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = LinkTimes.DEFAULT.firstRetry();
    private static final Duration MOST = LinkTimes.DEFAULT.lastRetry();

    @Test
    void a_thousand_agents_that_lose_their_server_reconnect_spread_over_seconds() {
        var perSecond = agents(1_000)
                .map(backoff -> backoff.restart(LinkTimes.DEFAULT.afterCut()))
                .collect(Collectors.groupingBy(Duration::toSeconds, Collectors.counting()));

        assertThat(perSecond).hasSize(10);
        assertThat(perSecond.values()).allSatisfy(count -> assertThat(count).isBetween(60L, 140L));
    }

    @Test
    void agents_that_retry_before_the_server_is_back_stay_spread() {
        var down = Duration.ofSeconds(4);
        var perSecond = agents(1_000)
                .map(backoff -> {
                    var at = backoff.restart(LinkTimes.DEFAULT.afterCut());
                    while (at.compareTo(down) < 0) {
                        at = at.plus(backoff.next());
                    }
                    return at;
                })
                .collect(Collectors.groupingBy(Duration::toSeconds, Collectors.counting()));

        assertThat(perSecond.values()).allSatisfy(count -> assertThat(count).isLessThan(190L));
    }

    @Test
    void failed_attempts_spread_more_and_more_up_to_a_minute() {
        var last = agents(1_000)
                .map(backoff -> Stream.generate(backoff::next).limit(10).toList())
                .toList();

        assertThat(last).allSatisfy(waits -> assertThat(waits.get(0)).isLessThanOrEqualTo(FIRST));
        assertThat(last).allSatisfy(waits -> assertThat(waits.get(1)).isLessThanOrEqualTo(FIRST.multipliedBy(2)));
        assertThat(last).allSatisfy(waits -> assertThat(waits.get(9)).isLessThanOrEqualTo(MOST));
        var perSecond = last.stream()
                .collect(Collectors.groupingBy(waits -> waits.get(9).toSeconds(), Collectors.counting()));
        assertThat(perSecond).hasSizeGreaterThanOrEqualTo(60);
        assertThat(perSecond.values()).allSatisfy(count -> assertThat(count).isLessThan(40));
    }

    @Test
    void a_displaced_agent_waits_at_least_half_of_the_longest_pause() {
        var longest = LinkTimes.DEFAULT.afterDisplacement();

        assertThat(agents(1_000).map(backoff -> backoff.about(longest)))
                .allSatisfy(wait -> assertThat(wait).isBetween(longest.dividedBy(2), longest));
    }

    private static Stream<Backoff> agents(int count) {
        return IntStream.range(0, count).mapToObj(seed -> new Backoff(FIRST, MOST, new SplittableRandom(seed)));
    }
}
