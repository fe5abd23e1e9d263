package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.Faults;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** Trouble with the server's disk, as people see it who have a page open. */
class StorageBannerTest {

    private final Faults disk = new Faults();

    @RegisterExtension
    final TestServer server = new TestServer(disk::open);

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void an_open_page_shows_that_nothing_can_be_stored_and_when_that_is_over() throws Exception {
        var web = Member.joins(server, "web");
        var anna = Visitor.signedIn(server, chromium.person());
        var page = anna.open("/");
        var host = anna.open(web.path());
        assertThat(page.locator("#trouble")).isHidden();
        disk.fail(SQLiteErrorCode.SQLITE_FULL);

        server.post("/api/enrollment-tokens", Map.of("repository", TestServer.repository(TestServer.URL)));

        assertThat(page.locator("#trouble")).containsText("the server's data directory is full");
        assertThat(host.locator("#trouble")).containsText("free some space");
        disk.mend();
        server.probeStorage();
        assertThat(page.locator("#trouble")).isHidden();
        assertThat(host.locator("#trouble")).isHidden();
    }
}
