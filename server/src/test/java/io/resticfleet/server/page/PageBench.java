package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.util.stream.Collectors.toCollection;

import com.microsoft.playwright.options.Cookie;
import io.resticfleet.server.Chromium;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Measures the first page of a large fleet, and writes rows of a table; run by {@code scripts/bench.sh page}, which starts
 * the server. It is told where by properties: {@code page.url}, {@code page.session} (a cookie), {@code page.data} (the
 * server's directory) and {@code page.report}.
 */
class PageBench {

    private static final int WARM_UP = 100;
    private static final int GETS = 200;
    private static final int LOADS = 10;

    private static final String URL = System.getProperty("page.url");
    private static final String SESSION = System.getProperty("page.session");

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void first_page() throws Exception {
        int jobs;
        try (var history = SeededHistory.in(Path.of(System.getProperty("page.data")))) {
            jobs = history.large(Instant.now());
        }
        var server = gets();
        var browser = loads();
        Files.write(
                Path.of(System.getProperty("page.report")),
                List.of(
                        "1,000 machines, 100 of them backed up hourly; %,d jobs of 35 days.".formatted(jobs),
                        "",
                        "| | ms | goal |",
                        "|---|---|---|",
                        "| the server answers `GET /`, with gzip: p50 of %d | %.0f | |"
                                .formatted(GETS, at(server, 0.5)),
                        "| … p99 | %.0f | 150 |".formatted(at(server, 0.99)),
                        "| usable in Chromium, nothing cached: median of %d | %.0f | 1000 |"
                                .formatted(LOADS, at(browser, 0.5)),
                        "| … slowest | %.0f | |".formatted(at(browser, 1))));
    }

    /** Milliseconds, ascending. */
    private static List<Double> gets() throws Exception {
        var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var request = HttpRequest.newBuilder(URI.create(URL + "/"))
                .header("Cookie", "rf_session=" + SESSION + "; rf_zone=Europe%2FBerlin")
                .header("Accept", "text/html")
                .header("Accept-Encoding", "gzip")
                .build();
        var times = new ArrayList<Double>();
        for (int get = 0; get < WARM_UP + GETS; get++) {
            long began = System.nanoTime();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            double millis = (System.nanoTime() - began) / 1e6;
            if (answer.statusCode() != 200
                    || answer.headers().firstValue("Content-Encoding").isEmpty()) {
                throw new AssertionError(answer.statusCode() + " " + answer.headers());
            }
            if (get >= WARM_UP) {
                times.add(millis);
            }
        }
        return times.stream().sorted().toList();
    }

    /** From the begin of the navigation until the verdict and the first card are painted and the script has run. */
    private List<Double> loads() {
        return Stream.generate(this::load).limit(LOADS).sorted().collect(toCollection(ArrayList::new));
    }

    private double load() {
        var person = chromium.context();
        person.addCookies(List.of(
                new Cookie("rf_session", SESSION).setUrl(URL), new Cookie("rf_zone", "Europe%2FBerlin").setUrl(URL)));
        var page = person.newPage();
        page.navigate(URL + "/");
        assertThat(page.locator("h1")).isVisible();
        assertThat(page.locator(".card").first()).isVisible();
        var millis = ((Number) page.evaluate(
                        "() => Math.max(performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                                + " performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd)"))
                .doubleValue();
        person.close();
        return millis;
    }

    private static double at(List<Double> ascending, double share) {
        return ascending.get((int) Math.min(ascending.size() - 1, Math.floor(share * ascending.size())));
    }
}
