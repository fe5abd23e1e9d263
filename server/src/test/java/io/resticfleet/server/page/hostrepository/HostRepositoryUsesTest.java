package io.resticfleet.server.page.hostrepository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The repositories of a host on its page. */
class HostRepositoryUsesTest {

    private static final String OFF_SITE = "rest:http://offsite:8000/fleet/";

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;
    private EnrolledAgent web;

    @BeforeEach
    void enrol() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
        var offSite = Map.of(
                "name",
                "off site",
                "url",
                OFF_SITE,
                "repo_password",
                Samples.REPO_PASSWORD,
                "credentials",
                Map.of("username", "fleet", "password", "off-site-0815"));
        assertThat(server.api().post("/api/repositories", offSite).status()).isEqualTo(201);
    }

    @Test
    void a_further_repository_is_added_made_the_default_and_taken_away() throws Exception {
        var page = open().press("Use this one too");
        assertThat(page.texts(".uses strong")).containsExactly("rest:http://nas:8000/fleet", "off site");
        assertThat(page.buttons("Use this one too")).isEmpty();

        page = page.press("Make off site the default");
        assertThat(page.texts(".uses strong")).containsExactly("off site", "rest:http://nas:8000/fleet");
        assertThat(urls()).containsExactly(OFF_SITE, Samples.URL);
        assertThat(page.value("Repository")).isEqualTo("http://offsite:8000/fleet/");

        page = page.press("Take rest:http://nas:8000/fleet away");
        assertThat(page.texts(".uses strong")).containsExactly("off site");
        assertThat(urls()).containsExactly(OFF_SITE);
    }

    @Test
    void a_machine_opens_a_shared_repository_with_credentials_of_its_own_and_without_them_again() throws Exception {
        server.enrol("db");
        var page = open().follow("Credentials of this machine for rest:http://nas:8000/fleet");
        assertThat(page.text("main")).contains("This machine uses the credentials of all machines");

        var saved = page.form("Save")
                .fill("User name", "web")
                .fill("Password", "own-4711")
                .submit()
                .press("Save without a test");

        assertThat(saved.text(".uses")).contains("own credentials");
        assertThat(credentials()).isEqualTo("web own-4711");
        page = saved.follow("Credentials of this machine for rest:http://nas:8000/fleet");
        assertThat(page.source()).doesNotContain("own-4711");
        page.press("Save"); // empty: the present one
        assertThat(credentials()).isEqualTo("web own-4711");
        page.press("Use those of all machines again");
        assertThat(open().text(".uses")).doesNotContain("own credentials");
        assertThat(credentials()).isEqualTo("fleet " + Samples.REST_PASSWORD);
    }

    @Test
    void a_default_made_of_a_further_repository_keeps_its_own_credentials() throws Exception {
        open().press("Use this one too")
                .follow("Credentials of this machine for off site")
                .form("Save")
                .fill("User name", "web")
                .fill("Password", "own-4711")
                .submit()
                .press("Save without a test");

        open().press("Make off site the default");

        assertThat(credentials()).isEqualTo("web own-4711");
    }

    private String credentials() throws Exception {
        var repository = web.connect().receive(ToAgent.ConfigUpdate.class).repository();
        return repository.username().orElse("") + " " + repository.password().orElse("");
    }

    private List<String> urls() throws Exception {
        return web.connect().receive(ToAgent.ConfigUpdate.class).repositories().orElseThrow().stream()
                .map(used -> used.repository().url().value())
                .toList();
    }

    private HtmlPage open() throws Exception {
        return anna.open("/hosts/" + web.hostId() + "/repository");
    }
}
