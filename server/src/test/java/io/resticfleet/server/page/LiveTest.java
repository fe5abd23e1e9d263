package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.card;
import static io.resticfleet.server.page.BrowserSession.hide;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages stay true while they are open: in many tabs, out of sight, and through whatever happens to the server. */
class LiveTest {

    /** Longer than the script waits for the server before it shows that it is disconnected. */
    private static final long SILENCE_MS = 30_000;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final SampleReports reports = new SampleReports(server);
    private BrowserSession anna;

    @BeforeEach
    void signIn() {
        anna = BrowserSession.signedIn(server, chromium.context());
    }

    @Test
    void what_happens_is_shown_in_two_tabs() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var first = anna.open("/");
        var second = anna.open(web.path());

        web.runBackup(JobStatus.SUCCEEDED);

        assertThat(first.locator("h1")).containsText("1 machine backed up");
        assertThat(card(first, "web").locator("header")).containsText("Backed up");
        assertThat(first.locator("#activity")).containsText("Backup nightly");
        assertThat(second.locator("#head")).containsText("Backed up");
    }

    @Test
    void with_six_tabs_open_a_seventh_loads_and_its_buttons_work_and_all_are_updated() throws Exception {
        var web = NightlyHost.connect(server, "web");
        web.runBackup(JobStatus.SUCCEEDED);
        var tabs = new ArrayList<Page>();
        for (int tab = 0; tab < 6; tab++) {
            tabs.add(anna.open("/"));
        }

        var seventh = anna.open("/");
        button(seventh, "Run the backup of web now").click();

        web.agent().receive(ToAgent.CommandRun.class);
        assertThat(seventh.locator(".toast")).containsText("Started");
        tabs.add(seventh);
        for (var tab : tabs) {
            assertThat(card(tab, "web").locator(".running")).containsText("Backup waiting");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_button_is_not_exchanged_while_it_is_pressed(boolean byKey) throws Exception {
        var web = NightlyHost.connect(server, "web");
        var page = anna.open("/");
        var run = button(page, "Run the backup of web now");
        if (byKey) {
            run.focus();
            page.keyboard().down(" ");
        } else {
            run.hover();
            page.mouse().down();
        }

        page.waitForResponse(
                        answer -> answer.url().contains("_fragments="),
                        () -> Assertions.assertThatCode(() -> web.runBackup(JobStatus.SUCCEEDED))
                                .doesNotThrowAnyException())
                .finished();
        if (byKey) {
            page.keyboard().up(" ");
        } else {
            page.mouse().up();
        }

        assertThat(page.locator(".toast")).containsText("Started");
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
    }

    @Test
    void a_tab_out_of_sight_has_no_stream_and_catches_up_when_it_is_seen_again() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var page = anna.tab();
        var streams = OpenStreams.of(page);
        page.navigate(server.url());
        streams.awaitOpen(1);

        hide(page, true);
        streams.awaitOpen(0);
        web.runBackup(JobStatus.SUCCEEDED);
        var other = anna.open("/");
        assertThat(card(other, "web").locator("header")).containsText("Backed up");
        assertThat(card(page, "web").locator("header")).containsText("Waiting for first backup");

        hide(page, false);
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
        streams.awaitOpen(1);
    }

    @Test
    void pages_say_that_they_may_be_old_while_the_server_is_away_and_catch_up_when_it_is_back() throws Exception {
        chromium.expectError("net::ERR_");
        var web = NightlyHost.connect(server, "web");
        var page = anna.tab();
        page.clock().install();
        page.navigate(server.url());
        assertThat(card(page, "web")).containsText("online");

        server.stop();
        page.clock().fastForward(SILENCE_MS);
        assertThat(page.locator("#stale")).isVisible();
        assertThat(page.locator("#stale")).hasText("Connection lost: this page may be out of date");

        server.start();
        assertThat(page.locator("#stale")).isHidden();
        assertThat(card(page, "web")).containsText("not reconnected since the server started");
        web.enrolled().connectInSync();
        assertThat(card(page, "web")).containsText("online");
    }

    @Test
    void pages_notice_a_network_that_swallows_everything_and_find_their_way_back() throws Exception {
        chromium.expectError("net::ERR_");
        NightlyHost.connect(server, "web");
        try (var network = new TcpProxy(server.url())) {
            var page = anna.tab();
            page.clock().install();
            page.navigate(network.url());
            var streams = OpenStreams.of(page);
            page.reload();
            streams.awaitOpen(1);

            network.drop();
            page.clock().fastForward(SILENCE_MS);
            assertThat(page.locator("#stale")).isVisible();

            network.forward();
            server.enrol("nas");
            page.clock().fastForward(SILENCE_MS);
            assertThat(card(page, "nas")).isVisible();
            assertThat(page.locator("#stale")).isHidden();
        }
    }

    @Test
    void a_page_without_anything_live_misses_nothing() {
        var page = anna.tab();
        page.clock().install();
        page.navigate(server.url() + "/settings");

        page.clock().fastForward(SILENCE_MS);
        page.clock().fastForward(SILENCE_MS);

        assertThat(page.locator("#stale")).isHidden();
    }

    @Test
    void a_session_that_has_ended_sees_nothing_more_within_a_minute() throws Exception {
        chromium.expectError("401");
        var web = NightlyHost.connect(server, "web");
        var job = web.startBackup();
        var page = anna.open("/jobs/" + job);
        web.agent().sendAndDrain(reports.log(job, 1, 1));
        assertThat(page.locator("#log p")).hasCount(1);
        server.api()
                .request(
                        "POST",
                        "/api/auth/logout",
                        "",
                        "Cookie",
                        "rf_session=" + server.session(),
                        "Origin",
                        server.url());

        server.clock().skip(Duration.ofMinutes(1));
        web.agent().sendAndDrain(reports.log(job, 2, 2));

        assertThat(page).hasURL(server.url() + "/login?next=%2Fjobs%2F" + job);
        assertThat(page.locator("h1")).hasText("Sign in");
    }

    @Test
    void a_machine_that_is_deleted_goes_from_all_open_pages() throws Exception {
        chromium.expectError("404");
        var web = NightlyHost.connect(server, "web");
        NightlyHost.connect(server, "nas");
        var dashboard = anna.open("/");
        var host = anna.open(web.path());
        assertThat(dashboard.locator(".card")).hasCount(2);

        server.api().delete("/api" + web.path());

        assertThat(dashboard.locator(".card h2")).hasText(new String[] {"nas"});
        assertThat(host.locator("h1")).hasText("Not found");
    }

    @Test
    void who_has_the_focus_on_a_card_keeps_it_when_the_card_changes() throws Exception {
        var web = NightlyHost.connect(server, "web");
        web.runBackup(JobStatus.FAILED);
        var page = anna.open("/");
        var name = card(page, "web").locator("h2 a");
        name.focus();

        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
        assertThat(name).isFocused();

        var button = button(page, "Run the backup of web now");
        button.focus();
        web.runBackup(JobStatus.FAILED);
        assertThat(card(page, "web").locator("header")).containsText("Backup failed");
        assertThat(button).isFocused();

        // The button cannot be pressed while a backup runs, and so cannot have the focus.
        page.keyboard().press("Enter");
        assertThat(button).isDisabled();
        assertThat(name).isFocused();
    }

    @Test
    void a_filtered_page_stays_filtered_through_every_update() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var nas = NightlyHost.connect(server, "nas");
        var page = anna.open("/");
        page.getByLabel("Search machines by name").fill("web");
        assertThat(page.locator(".card h2")).hasText(new String[] {"web"});

        nas.runBackup(JobStatus.FAILED);
        server.enrol("web-two");
        web.runBackup(JobStatus.SUCCEEDED);

        assertThat(page.locator(".card h2")).hasText(new String[] {"web-two", "web"});
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
        assertThat(page.locator("h1")).containsText("2 machines need attention");
        assertThat(page.getByLabel("Search machines by name")).hasValue("web");
    }

    @Test
    void forty_streams_of_a_session_stay_open_and_a_later_one_gets_the_current_state_and_a_retry() throws Exception {
        var lasting = new ArrayList<Iterator<String>>();
        for (int stream = 0; stream < 40; stream++) {
            lasting.add(stream());
            Assertions.assertThat(lasting.get(stream).next()).isEqualTo("retry: 500");
        }

        var later = stream();

        Assertions.assertThat(later).toIterable().startsWith("retry: 5000").anyMatch(line -> line.contains("verdict"));
        server.enrol("web"); // the lasting ones hear of it
        for (var stream : lasting) {
            await(stream, "verdict"); // how it was at first
            await(stream, "verdict");
        }
        server.clock().skip(Duration.ofMinutes(1));
        server.enrol("nas"); // and end
        Eventually.eventually(() -> {
            Assertions.assertThat(stream().next()).isEqualTo("retry: 500");
            return true;
        });
    }

    /** Reads on until a line holds this. */
    private static void await(Iterator<String> lines, String words) {
        while (!lines.next().contains(words)) {
            // something else
        }
    }

    /** The lines of a stream of the first page. */
    private Iterator<String> stream() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/?_live=verdict"))
                .header("Cookie", "rf_session=" + server.session())
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofLines()).body().iterator();
    }
}
