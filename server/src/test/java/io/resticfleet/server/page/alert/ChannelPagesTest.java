package io.resticfleet.server.page.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import io.resticfleet.server.channel.ChannelKind;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels on pages: the fields of each kind, and that no page ever has a secret. */
class ChannelPagesTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @ParameterizedTest
    @EnumSource
    void a_form_has_the_fields_of_its_kind_and_no_others(ChannelKind kind) throws Exception {
        var form = anna.open("/channels/new?kind=" + kind.word());

        assertThat(form.only(".kinds [aria-current]").text()).isEqualTo(kind.label());
        assertThat(form.select("[name^=config-]").eachAttr("name"))
                .containsExactlyElementsOf(kind.fields().stream()
                        .map(field -> "config-" + field.name())
                        .toList());
        assertThat(form.select("[name=min_severity]")).hasSize(kind.takesAlerts() ? 1 : 0);
        kind.fields().stream()
                .filter(field ->
                        field.secret() && !form.only("#config-" + field.name()).is("textarea"))
                .forEach(
                        field -> assertThat(form.only("#config-" + field.name()).attr("type"))
                                .isEqualTo("password"));
    }

    @Test
    void a_channel_is_added_changed_and_deleted_and_its_secrets_are_on_no_page() throws Exception {
        var web = server.enrol("web").hostId();
        var added = anna.open("/channels/new?kind=ntfy")
                .form("Add channel")
                .fill("Name", "on-call")
                .fill("Server", "https://ntfy.example.org")
                .fill("Topic", "unseen-topic")
                .fill("Access token (optional)", "tk_unseen_")
                .select("Tell of", "critical")
                .select("Digest", "weekly")
                .select("Machines", web)
                .fill("Tags", "server, laptop")
                .submit();

        assertThat(added.text("h1")).isEqualTo("on-call");
        assertThat(added.text(".toast")).contains("Saved.");
        assertThat(added.text(".sub"))
                .contains("ntfy ntfy.example.org")
                .contains("only what is critical, of 1 machine, tagged server or laptop, a weekly digest");
        assertThat(added.value("Server")).isEqualTo("https://ntfy.example.org");
        assertThat(added.value("Topic")).isEmpty();
        assertThat(added.text("#config-topic-hint")).endsWith("Leave empty to keep the present one.");
        assertThat(added.source()).doesNotContain("unseen-", "unseen_");

        var changed = added.form("Save").fill("Name", "night shift").submit();
        assertThat(changed.text("h1")).isEqualTo("night shift");
        var list = anna.open("/channels");
        assertThat(list.text("#channels tbody tr")).contains("night shift", "ntfy", "Nothing delivered yet", "never");
        assertThat(server.api().get("/api/channels").text()).contains("\"secrets\":[\"topic\",\"token\"]");

        assertThat(changed.form("Delete it").submit().text("main")).contains("confirm");
        changed.form("Delete it").check("Nothing more is sent to it").submit();
        assertThat(anna.open("/channels").text("#channels")).contains("Nobody is told");
        assertThat(anna.open("/audit").text(".audit"))
                .contains("added a channel", "changed a channel", "deleted a channel")
                .doesNotContain("unseen");
    }

    @Test
    void what_is_refused_names_its_field_and_keeps_the_rest_but_no_secret() throws Exception {
        var refused = anna.open("/channels/new?kind=email")
                .form("Add channel")
                .fill("Name", "team")
                .fill("Mail server", "smtp.example.org")
                .fill("Port", "many")
                .select("Encryption", "none")
                .fill("User name (optional)", "fleet")
                .fill("Password (optional)", "battery staple")
                .fill("From", "fleet@example.org")
                .fill("To", "anna@example.org, nobody")
                .submit();

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.select("[aria-invalid]").eachAttr("name")).contains("config-port", "config-to");
        assertThat(refused.value("Mail server")).isEqualTo("smtp.example.org");
        assertThat(refused.value("To")).isEqualTo("anna@example.org, nobody");
        assertThat(refused.value("Encryption")).isEqualTo("none");
        assertThat(refused.source()).doesNotContain("battery staple");

        var again = refused.form("Add channel")
                .fill("Port", "587")
                .fill("To", "anna@example.org")
                .fill("Password (optional)", "battery staple")
                .submit();
        assertThat(again.text("#config-security-wrong")).contains("without encryption");
        assertThat(again.form("Add channel")
                        .select("Encryption", "starttls")
                        .fill("Password (optional)", "battery staple")
                        .submit()
                        .text("h1"))
                .isEqualTo("team");
    }

    @Test
    void a_secret_goes_to_no_other_server_and_a_name_is_taken_once() throws Exception {
        create("a");
        var other = create("b");

        var moved = other.form("Save").fill("Server", "https://evil.example").submit();
        assertThat(moved.text("#config-topic-wrong")).contains("give topic again");
        assertThat(anna.open(other.path())
                        .form("Save")
                        .fill("Name", "a")
                        .submit()
                        .text("#name-wrong"))
                .contains("another channel called 'a'");
    }

    @Test
    void a_test_that_fails_says_why_and_is_listed_with_its_attempt() throws Exception {
        var channel = create("a");

        var result = channel.press("Send a test");

        assertThat(result.text(".banner.bad")).startsWith("Not delivered: ");
        var page = anna.open(channel.path().replaceFirst("\\?.*", ""));
        assertThat(page.text("#deliveries")).contains("Test of the channel a", "Attempt 1, ");
    }

    @Test
    void the_watchdog_shows_what_it_pings_without_the_secret_in_it() throws Exception {
        var empty = anna.open("/channels");
        assertThat(empty.texts(".checks li")).hasSize(4);

        var saved = empty.form("Start pinging")
                .fill("Address to ping", "http://127.0.0.1:9/secret-uuid")
                .fill("Every so many minutes", "10")
                .submit();

        assertThat(saved.text("#watchdog .facts")).startsWith("Pings http://127.0.0.1:9 every 10 min");
        assertThat(saved.source()).doesNotContain("secret-uuid");
        assertThat(saved.form("Save the watchdog")
                        .fill("Every so many minutes", "90")
                        .submit()
                        .text(".toast"))
                .contains("the minutes must be from 1 to 60 but are 90");
        var ninety = saved.form("Save the watchdog")
                .fill("Every so many minutes", "1.5")
                .submit();
        assertThat(ninety.press("Save the watchdog").text("#watchdog .facts")).contains("every 1.5 min");
        assertThat(saved.press("Stop pinging").buttons("Start pinging")).hasSize(1);
    }

    @Test
    void the_feed_has_an_address_with_a_key_that_can_be_replaced() throws Exception {
        var feed = anna.open("/alerts").follow("Atom feed");
        var address = feed.text("#feed-address");

        assertThat(address).startsWith(server.url() + "/alerts.atom?key=");
        var path = address.substring(server.url().length());
        assertThat(PageClient.anonymous(server).open(path).status()).isEqualTo(200);
        assertThat(feed.press("Replace the key").text("#feed-address")).isNotEqualTo(address);
        assertThat(PageClient.anonymous(server).open(path).status()).isEqualTo(404);
    }

    /** One that nobody listens to. */
    private HtmlPage create(String name) throws Exception {
        return anna.open("/channels/new?kind=ntfy")
                .form("Add channel")
                .fill("Name", name)
                .fill("Server", "http://127.0.0.1:9")
                .fill("Topic", "backups")
                .submit();
    }
}
