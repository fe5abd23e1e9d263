package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import io.resticfleet.server.Chromium;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.FaultyConnections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** Trouble with the server's disk, as people see it who have a page open. */
class StorageBannerTest {

    private final FaultyConnections disk = new FaultyConnections();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void an_open_page_shows_that_nothing_can_be_stored_and_when_that_is_over() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var anna = BrowserSession.signedIn(server, chromium.context());
        var page = anna.open("/");
        var host = anna.open(web.path());
        assertThat(page.locator("#trouble")).isHidden();
        disk.fail(SQLiteErrorCode.SQLITE_FULL);

        server.api().post("/api/enrollment-tokens", Map.of("repository", Samples.repository(Samples.URL)));

        assertThat(page.locator("#trouble")).containsText("the server's data directory is full");
        assertThat(host.locator("#trouble")).containsText("free some space");
        disk.mend();
        server.maintenance().probeStorage();
        assertThat(page.locator("#trouble")).isHidden();
        assertThat(host.locator("#trouble")).isHidden();
    }
}
