package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.card;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A thousand machines, each backed up every night of a month, do not make the first page heavy. */
class WeightTest {

    private static final int MOST_BYTES = 150_000;

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private BrowserSession anna;

    @BeforeEach
    void signIn() {
        anna = BrowserSession.signedIn(server, chromium.context());
    }

    @Test
    void a_thousand_machines_fit_into_150_kB_and_are_found() throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            history.nights(server.now(), 1_000, 30);
        }
        var page = anna.tab();
        var loaded = new ArrayList<Request>();
        page.onRequestFinished(loaded::add);
        page.navigate(server.url());
        assertThat(page.locator("h1")).hasText(Pattern.compile("\\d+ machines need attention.*"));
        assertThat(page.locator(".card")).hasCount(60);

        assertThat(loaded).extracting(Request::resourceType).contains("document", "stylesheet", "script", "image");
        assertThat(List.copyOf(loaded).stream().mapToInt(WeightTest::bytes).sum())
                .isLessThan(MOST_BYTES);
        assertThat((int) page.evaluate("document.getElementsByTagName('*').length"))
                .isLessThan(4_500);

        page.getByLabel("Search machines by name").fill("host-0999");
        assertThat(page.locator(".card h2")).hasText(new String[] {"host-0999"});
    }

    @Test
    void more_machines_are_added_below_and_stay_true_as_the_first_ones_do() throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            history.nights(server.now(), 280, 1);
        }
        var last = NightlyHost.connect(server, "zz");
        last.runBackup(JobStatus.SUCCEEDED);
        var page = anna.open("/");
        var first = names(page);
        assertThat(first).hasSize(60);

        for (int shown = 60; shown < 281; shown += 60) {
            link(page, "Show more of 281").focus();
            page.keyboard().press("Enter");
            assertThat(page.locator(".card")).hasCount(Math.min(shown + 60, 281));
            assertThat(page.locator(".card h2 a").nth(shown)).isFocused();
        }

        assertThat(names(page)).startsWith(first.toArray(String[]::new)).doesNotHaveDuplicates();
        assertThat(page.getByText("Show more")).hasCount(0);
        card(page, "zz").scrollIntoViewIfNeeded();
        last.startBackup();
        assertThat(card(page, "zz").locator(".running")).containsText("Backup running");
        server.enrol("another");
        assertThat(page.locator(".card")).hasCount(282);
        assertThat(card(page, "zz").locator(".running")).isVisible();
    }

    private static List<String> names(Page page) {
        return page.locator(".card h2").allTextContents().stream()
                .map(String::strip)
                .toList();
    }

    private static int bytes(Request request) {
        var sizes = request.sizes();
        return sizes.responseHeadersSize + sizes.responseBodySize;
    }
}
