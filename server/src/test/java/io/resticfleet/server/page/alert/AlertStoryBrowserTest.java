package io.resticfleet.server.page.alert;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpServer;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import io.resticfleet.server.page.NightlyHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From the first channel to the end of the first alert, in a browser and as a receiver gets it. */
class AlertStoryBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            var body = Json.LENIENT.readTree(exchange.getRequestBody());
            received.add(
                    body.at("/state").asText() + " " + body.at("/alert/kind").asText());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stopListening() {
        receiver.stop(0);
    }

    @Test
    void a_channel_is_added_and_tested_and_tells_of_an_alert_until_it_is_resolved() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var anna = BrowserSession.signedIn(server, chromium.context());
        var page = anna.open("/alerts");
        page.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("Add a channel").setExact(true))
                .click();
        link(page, "Webhook").click();
        page.getByLabel("URL").fill("http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook");
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("pager");
        button(page, "Add channel").click();
        assertThat(page.locator("h1")).hasText("pager");
        assertThat(page.locator("#channel .state")).hasText("Nothing delivered yet");

        button(page, "Send a test").click();
        assertThat(page.locator("#test-result .banner.ok")).containsText("Delivered.");
        assertThat(page.locator("#channel .state")).hasText("Works");
        assertThat(page.locator("#deliveries li").first()).containsText("Delivered");
        eventually(() -> assertThat(received).hasSize(1));
        assertThat(received.get(0)).startsWith("test ");

        var dashboard = anna.open("/");
        assertThat(dashboard.locator("#alerted")).isHidden();
        server.clock().advance(Duration.ofMinutes(2));
        web.runBackup(JobStatus.PARTIAL);
        server.maintenance().checkAlerts();
        assertThat(dashboard.locator("#alert-count")).hasText("1 open");
        assertThat(dashboard.locator("#alerted .what")).containsText("Backup \"nightly\" of web");
        eventually(() -> assertThat(received).hasSize(2));
        assertThat(received.get(1)).isEqualTo("open backup_partial");

        page.navigate(server.url() + "/alerts");
        page.locator(".alerts button").click();
        assertThat(page.locator(".toast")).containsText("Acknowledged");
        assertThat(page.locator(".alerts li")).containsText("Acknowledged by anna");
        assertThat(dashboard.locator("#alerted")).isHidden();

        server.clock().advance(Duration.ofMinutes(2));
        web.runBackup(JobStatus.SUCCEEDED);
        server.maintenance().checkAlerts();
        assertThat(page.locator("#open-title")).hasText("Nothing is wrong");
        assertThat(page.locator("#past-alerts tbody tr")).containsText("Backed up in part");
        assertThat(dashboard.locator("#alert-count")).isHidden();
        eventually(() -> assertThat(received).hasSize(3));
        assertThat(received.get(2)).isEqualTo("resolved backup_partial");
    }
}
