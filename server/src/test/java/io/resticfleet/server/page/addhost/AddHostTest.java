package io.resticfleet.server.page.addhost;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlForm;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form that adds a machine, and the page with its install command. */
class AddHostTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @Test
    void a_machine_uses_the_repository_of_another_without_a_word_typed() throws Exception {
        server.enrol("web");

        var form = anna.open("/hosts/new");
        assertThat(form.only(".kinds [aria-current]").text()).isEqualTo("Same as another machine");
        assertThat(form.texts("#repository_id option")).containsExactly("web · " + "rest:http://nas:8000/fleet");
        assertThat(form.select("input[type=password]")).isEmpty();
        var page = form.press("Create install command");

        assertThat(page.select("#repo-password")).isEmpty();
        var joined =
                server.enrolWith(InstallCommand.of(page.text("#install-line")).token(), "db");
        var repository = joined.connect().receive(ToAgent.ConfigUpdate.class).repository();
        assertThat(repository.password()).contains(Samples.REST_PASSWORD);
        assertThat(repository.repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
    }

    @Test
    void each_kind_of_repository_asks_only_for_what_it_needs() throws Exception {
        var page = anna.open("/hosts/new");
        assertThat(page.links("Same as another machine")).isEmpty();

        page = page.follow("SFTP");
        assertThat(page.texts("#where label")).containsExactly("Repository", "Repository password");
        page = page.follow("S3");
        assertThat(page.texts("#where .row label"))
                .containsExactly(
                        "Endpoint", "Bucket and path", "Access key ID", "Secret access key", "Region", "Session token");

        var token = page.form("Create install command")
                .fill("Endpoint", "https://s3.example.org/")
                .fill("Bucket and path", "backups/web")
                .fill("Access key ID", "AKIA4711")
                .fill("Secret access key", "secret-0815")
                .fill("Region", "eu-central-1")
                .submit()
                .text("#install-line");
        var repository = server.enrolWith(InstallCommand.of(token).token(), "web")
                .connect()
                .receive(ToAgent.ConfigUpdate.class)
                .repository();
        assertThat(repository.url().value()).isEqualTo("s3:https://s3.example.org/backups/web");
        assertThat(repository.variables())
                .containsEntry("AWS_ACCESS_KEY_ID", "AKIA4711")
                .containsEntry("AWS_SECRET_ACCESS_KEY", "secret-0815")
                .containsEntry("AWS_DEFAULT_REGION", "eu-central-1");
    }

    @Test
    void passwords_that_were_typed_are_not_shown_and_without_paths_there_is_no_schedule() throws Exception {
        var page = form().fill("Repository", "/mnt/backup")
                .fill("Repository password", Samples.REPO_PASSWORD)
                .submit();

        assertThat(page.select("#repo-password")).isEmpty();
        assertThat(page.source()).doesNotContain(Samples.REPO_PASSWORD);
        assertThat(page.text("main")).doesNotContain("a schedule named “manual” on");
        assertThat(page.text("#arrival")).contains("Waiting for the machine …");

        var token = InstallCommand.of(page.text("#install-line")).token();
        server.enrol("laptop");
        server.enrolWith(token, "laptop").connectInSync();
        var again = anna.open(page.only("[data-live]").attr("data-live"));
        assertThat(again.text("#arrival")).contains("laptop-2 is connected.");
    }

    @Test
    void errors_are_shown_beside_their_fields_and_nothing_typed_is_lost() throws Exception {
        var refused = form().fill("Name", "no good")
                .fill("Repository", "nas:8000")
                .fill("User name", "fleet")
                .fill("Password", Samples.REST_PASSWORD)
                .fill("Repository password", Samples.REPO_PASSWORD)
                .fill("Paths", "etc\n/srv")
                .submit();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("#hostname-wrong")).contains("hostname must be 1 to 63 letters");
        assertThat(refused.text("#url-wrong")).contains("rest: must be followed by http://HOST:PORT/PATH");
        assertThat(refused.text("#initial_paths-wrong"))
                .contains("a path must be absolute, starting with /, but is 'etc'");
        assertThat(refused.value("Paths")).isEqualTo("etc\n/srv");
        assertThat(refused.source()).doesNotContain(Samples.REST_PASSWORD, Samples.REPO_PASSWORD);

        for (var wrong : List.of(
                List.of("ftp://nas/", "url", "rest: must be followed by"),
                List.of("rest:http://fleet:secret@nas/", "url", "the URL must not contain a password"),
                List.of("/mnt/backup", "username", "a local repository takes no username and password"))) {
            refused = refused.form("Create install command")
                    .fill("Name", "web")
                    .fill("Paths", "/etc")
                    .fill("Repository", wrong.get(0))
                    .fill("Password", Samples.REST_PASSWORD)
                    .submit();
            assertThat(refused.text("#" + wrong.get(1) + "-wrong")).contains(wrong.get(2));
            assertThat(refused.select(".wrong")).hasSize(1);
            assertThat(refused.value("Repository")).isEqualTo(wrong.get(0));
        }
        assertThat(server.api().get("/api/audit").text()).doesNotContain("enrollment_token.create");

        var page = refused.form("Create install command")
                .fill("Repository", "rest:http://nas:8000/")
                .fill("Password", Samples.REST_PASSWORD)
                .submit();
        InstallCommand.of(page.text("#install-line"));
    }

    @Test
    void secrets_are_shown_once_and_the_install_command_expires() throws Exception {
        var page = form().fill("Repository", "/mnt/backup").submit();
        var live = page.only("[data-live]").attr("data-live");
        var password = page.text("#repo-password");

        var again = anna.open(live);
        assertThat(again.text("main")).contains("The install command is shown only once.");
        assertThat(again.source()).doesNotContain(password).doesNotContain("rfe_");

        server.clock().advance(Duration.ofMinutes(61));
        assertThat(anna.open(live).text("#arrival")).isEqualTo("The install command has expired. Create another.");
        assertThat(anna.open("/hosts/joining/" + "0".repeat(26)).text("h1")).isEqualTo("Not found");
    }

    private HtmlForm form() throws Exception {
        return anna.open("/hosts/new").form("Create install command");
    }
}
