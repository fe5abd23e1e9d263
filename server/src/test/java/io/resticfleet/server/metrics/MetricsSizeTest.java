package io.resticfleet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The size of the figures of a usual large fleet. */
class MetricsSizeTest {

    private static final int HOSTS = 1_000;
    private static final int MAX_BYTES = 1_000_000;

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void those_of_a_thousand_hosts_with_a_schedule_each_and_one_repository_fit_into_a_megabyte() throws Exception {
        new LargeFleet(server.directory(), HOSTS, 1, 1, 2, server.now()).seed();

        var answer = server.api().get("/metrics");

        assertThat(answer.status()).isEqualTo(200);
        var series = answer.text()
                .lines()
                .filter(line -> line.contains("host=\"host-"))
                .collect(Collectors.groupingBy(line -> line.substring(0, line.indexOf('{')), Collectors.counting()));
        assertThat(series.values()).as(series.toString()).hasSizeGreaterThan(10).containsOnly((long) HOSTS);
        assertThat(answer.text().getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(MAX_BYTES);
    }
}
