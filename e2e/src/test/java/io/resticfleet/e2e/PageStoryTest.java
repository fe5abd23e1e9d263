package io.resticfleet.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.server.Chromium;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The main story with a browser and the machine's command line only. */
@Order(1)
class PageStoryTest {

    /** Enough for a first backup on a slow machine, including the repository's creation. */
    private static final double TIMEOUT_MS = 90_000;

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final Restic restic = Restic.newest();

    @BeforeEach
    void setTimeout() {
        PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MS);
    }

    @Test
    void from_the_first_start_to_the_first_successful_backup_on_pages_alone() throws Exception {
        var server = FLEET.unclaimed();
        var directory = FLEET.directory("laptop");
        var repository = directory.resolve("repository");
        var source = Sources.awkward(FLEET.directory("files ünï 日本"));
        var page = chromium.page();

        page.navigate(server.url());
        assertThat(page.locator("h1")).hasText("Welcome to restic-fleet");
        page.getByLabel("Bootstrap token").fill(server.bootstrapToken());
        page.getByLabel("User name").fill("anna");
        page.locator("#password").fill("correct horse battery");
        page.locator("#again").fill("correct horse battery");
        button(page, "Create user").click();

        assertThat(page.locator("h1")).hasText("No machines yet");
        link(page, "Add a machine").first().click();
        page.getByLabel("Name", exactly()).fill("laptop");
        page.getByLabel("Repository", exactly()).fill(repository.toString());
        page.getByLabel("Paths").fill(source.toString());
        button(page, "Create install command").click();

        var password = page.locator("#repo-password").textContent();
        var joined = Program.run(directory, environment(), joining(page.locator("#install-line"), directory));
        assertThat(joined.status()).as(joined.output()).isZero();
        assertThat(page.locator("#arrival")).containsText("laptop is enrolled. Waiting for its agent to connect");
        FLEET.owned(Program.start(directory, directory.resolve("agent.log"), environment(), agent("run", directory)));
        assertThat(page.locator("#arrival")).containsText("laptop is connected.");

        link(page, "Machines").first().click();
        assertThat(card(page, "laptop")).containsText("Not backed up yet");
        button(page, "Run the backup of laptop now").click();
        link(page, "Show job").click();
        assertThat(page.locator("h1")).hasText("Backup manual");
        assertThat(page.locator("#job .state")).hasText("succeeded");
        assertThat(page.locator("#log")).containsText("ended: ");
        assertThat(page.locator("#command-line"))
                .containsText("export RESTIC_REPOSITORY='" + repository + "' restic backup --host=laptop");

        link(page, "laptop").first().click();
        assertThat(page.locator("#snapshots-title")).hasText("1 snapshot");
        var snapshots = restic.on(directory, repository.toString(), password).snapshots();
        assertThat(snapshots).hasSize(1);
        assertThat(page.locator("#snapshots td code"))
                .hasText(snapshots.get(0).path("id").asText().substring(0, 8));
        link(page, "Machines").first().click();
        assertThat(page.locator("h1")).hasText("1 machine backed up");
        assertThat(card(page, "laptop").locator(".state")).hasText("Backed up");
    }

    @Test
    void a_long_run_is_watched_and_cancelled_on_the_page() throws Exception {
        var source = Sources.large(FLEET.directory("large"), 8);
        var machine =
                FLEET.machine(restic, Sources.small(FLEET.directory("small"))).join();
        FLEET.server().schedule(machine.host(), Sources.manual("slow", 400, List.of(source)));
        var page = signedIn("/hosts/" + machine.host() + "/schedules");

        button(page, "Run slow now").click();
        link(page, "Show job").click();
        assertThat(page.locator(".figures")).containsText(Pattern.compile("Files\\s*\\d+ of 8"));
        button(page, "Cancel").click();

        assertThat(page.locator("#job .state")).hasText("cancelled");
        assertThat(page.locator("#log")).containsText("ended: ");
        eventually(() -> assertThat(Processes.restics(machine.directory())).isEmpty());
        assertThat(machine.restic().locks()).isEmpty();
    }

    @Test
    void a_wrong_repository_password_is_shown_and_corrected_on_the_page() throws Exception {
        var machine =
                FLEET.machine(restic, Sources.small(FLEET.directory("files"))).join();
        restic.on(machine.directory(), machine.repository().toString(), "the-right-one")
                .init();
        var page = signedIn("/hosts/" + machine.host());

        button(page, "Run the backup of " + machine.name() + " now").click();
        link(page, "Show job").click();
        assertThat(page.locator("#job .state")).hasText("failed");
        assertThat(page.locator("#job .banner")).containsText("password");
        assertThat(page.locator(".advice"))
                .containsText("Correct the repository's password and credentials, then run it again.");
        page.locator(".advice a").click();
        page.getByLabel("Repository password").fill("the-right-one");
        button(page, "Save").click();
        eventually(
                () -> assertThat(FLEET.server().items("/api/jobs?kind=probe&status=succeeded&host=" + machine.host()))
                        .hasSize(1));
        button(page, "Run the backup of " + machine.name() + " now").click();
        link(page, "Show job").click();

        assertThat(page.locator("#job .state")).hasText("succeeded");
    }

    @Test
    void the_schedule_form_shows_what_its_paths_are_on_the_machine() throws Exception {
        var source = Files.createDirectories(FLEET.directory("files").resolve("some"));
        Files.writeString(source.resolve("file"), "12345");
        var link = Files.createSymbolicLink(source.resolve("link"), Path.of("file"));
        var machine = FLEET.machine(restic, source).join();
        var page = signedIn("/hosts/" + machine.host() + "/schedules/new?kind=backup");

        page.getByLabel("Paths").fill(source + "\n" + link + "\n" + source.resolve("none"));
        assertThat(page.locator("#paths-echo p")).hasText(new String[] {
            source + ": directory, 2 files, 0 directories, 5 B",
            link
                    + ": symbolic link to file; restic saves the link, not what it points to, so the backup will be partial. Enter"
                    + " the target instead, or allow symbolic links below",
            source.resolve("none") + ": does not exist"
        });

        machine.agent().stop();
        page.reload();
        page.getByLabel("Paths").fill(source.toString());
        assertThat(page.locator("#paths-echo")).hasText("Paths: not checked, the machine is offline");
    }

    @Test
    void a_stale_lock_is_shown_and_removed_on_the_page() throws Exception {
        var machine =
                FLEET.machine(restic, Sources.small(FLEET.directory("files"))).join();
        FLEET.server().awaitEnd(FLEET.server().run(machine.host()));
        Prune.start(FLEET, machine).kill();
        var page = signedIn("/hosts/" + machine.host());

        button(page, "Run the backup of " + machine.name() + " now").click();
        link(page, "Show job").click();
        assertThat(page.locator("#log"))
                .containsText(Pattern.compile(
                        "the repository is locked exclusively by .+ \\(pid \\d+\\) since .+; waiting up to \\d+ s"));
        button(page, "Cancel").click();
        assertThat(page.locator("#job .state")).hasText("cancelled");

        link(page, machine.name()).first().click();
        link(page, "Repository").click();
        button(page, "Remove stale locks").click();
        link(page, "Show job").click();
        assertThat(page.locator("h1")).hasText("Unlock");
        assertThat(page.locator("#job .state")).hasText("succeeded");
        eventually(() -> assertThat(machine.restic().locks()).isEmpty());
        page.navigate(FLEET.server().url());
        button(page, "Run the backup of " + machine.name() + " now").click();
        link(page, "Show job").click();
        assertThat(page.locator("#job .state")).hasText("succeeded");
    }

    @Test
    void a_lost_file_is_found_with_its_versions_and_brought_back_on_the_pages() throws Exception {
        var files = FLEET.directory("files");
        var letter = files.resolve("letter to the landlörd.txt");
        Files.writeString(letter, "first");
        var machine = FLEET.machine(restic, files).join();
        FLEET.server().awaitEnd(FLEET.server().run(machine.host()));
        Files.writeString(letter, "second, and longer");
        FLEET.server().awaitEnd(FLEET.server().run(machine.host()));
        Files.delete(letter);
        eventually(() -> assertThat(FLEET.server()
                        .get("/api/hosts/" + machine.host() + "/versions?path="
                                + URLEncoder.encode(letter.toString(), StandardCharsets.UTF_8))
                        .path("items"))
                .hasSize(2));
        var page = signedIn("/");

        link(page, "Find").click();
        page.getByLabel("Find files by name").fill("landlörd");
        button(page, "Find").click();
        link(page, letter.getFileName().toString()).click();
        assertThat(page.locator(".versions tbody tr")).hasCount(2);
        assertThat(page.locator(".versions tbody tr").first()).containsText("18 B");
        page.locator(".versions tbody tr").nth(1).getByText("Restore").click();
        assertThat(page.locator(".chosen")).hasText(letter.toString());
        button(page, "Restore").click();

        assertThat(page.locator("#job .state")).hasText("succeeded");
        assertThat(page.locator("#job .banner")).containsText("restored and verified");
        var job = page.url().replaceAll(".*/", "");
        var restored = machine.directory().resolve("state/restores/" + job + letter);
        assertThat(restored).hasContent("first");
    }

    private Page signedIn(String path) {
        var page = chromium.page();
        page.navigate(FLEET.server().url() + path);
        page.getByLabel("User name").fill(ServerProcess.USER);
        page.getByLabel("Password").fill(ServerProcess.PASSWORD);
        button(page, "Sign in").click();
        assertThat(page).hasURL(FLEET.server().url() + path);
        return page;
    }

    /**
     * The last command of the install command, for a machine that is only a directory. {@link InstallAgentTest} runs all
     * of it.
     */
    private static List<String> joining(Locator line, Path directory) {
        var shown = line.textContent();
        var token = shown.replaceFirst(".*RESTIC_FLEET_TOKEN=([^;]+);.*", "$1");
        return agent("enroll --token " + token + " " + shown.split("bash -s -- ")[1], directory);
    }

    private static List<String> agent(String command, Path directory) {
        return List.of(
                "/bin/sh",
                "-c",
                "exec java -jar '" + AgentProcess.JAR + "' " + command + " --state-dir '" + directory.resolve("state")
                        + "'");
    }

    private Map<String, String> environment() {
        return Map.of("RESTIC_FLEET_RESTIC", restic.file().toString());
    }

    /** A button of a page that has loaded: pressed before its scripts run, it would lead to another page. */
    private static Locator button(Page page, String name) {
        page.waitForLoadState();
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator card(Page page, String name) {
        return page.locator(".card").filter(new Locator.FilterOptions().setHasText(name));
    }

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }
}
