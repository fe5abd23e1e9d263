package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.HostileText.ALL;
import static io.resticfleet.server.page.HostileText.TEXTS;
import static io.resticfleet.server.page.HostileText.isHarmlessIn;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.text.ShellWords;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Input of operators and agents is shown unchanged, and only as text. */
class XssTest {

    /** Within the limit of an id. */
    private static final String SHORT_ID = String.join(" ", TEXTS.subList(0, 4));

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final SampleReports reports = new SampleReports(server);
    private final List<String> dialogs = new ArrayList<>();
    private Page page;

    @BeforeEach
    void signIn() {
        page = BrowserSession.signedIn(server, chromium.context()).open("/");
        HostileText.watch(page, dialogs);
    }

    @AfterEach
    void nothing_popped_up() {
        assertThat(dialogs).isEmpty();
    }

    @Test
    void what_operators_type_is_shown_as_text() throws Exception {
        var names = HostileText.names();
        var web = server.enrol("web");
        var paths = TEXTS.stream().map(text -> "/" + text).toList();
        var last = "";
        for (var name : names) {
            last = web.addSchedule(Map.of(
                    "kind", "backup",
                    "name", name,
                    "cron", "30 2 * * *",
                    "paths", paths,
                    "excludes", TEXTS,
                    "tags", TEXTS,
                    "hooks", Map.of("pre", String.join("\n", TEXTS), "post", ALL)));
            assertThat(server.api().post("/api/tokens", Map.of("name", name)).status())
                    .isEqualTo(201);
            var other = server.enrol("other");
            assertThat(server.api()
                            .patch("/api/hosts/" + other.hostId(), Map.of("name", name))
                            .status())
                    .isEqualTo(200);
        }
        var url = "/mnt/" + String.join(" ", TEXTS.subList(0, 8)); // the others are no canonical location
        assertThat(server.api()
                        .patch(
                                "/api/hosts/" + web.hostId() + "?force=true",
                                Map.of("name", names.get(0), "repository", Map.of("url", url)))
                        .status())
                .isEqualTo(200);
        var host = "/hosts/" + web.hostId();

        look("/", names.toArray(String[]::new));
        assertThat(page.getByLabel("Tag").locator("option")).hasCount(TEXTS.size() + 1);
        look("/settings", names.toArray(String[]::new));
        look("/audit", names.get(names.size() - 1), names.get(names.size() - 2));
        page.locator("details").all().forEach(details -> details.evaluate("it => it.open = true"));
        isHarmlessIn(page, url.replace("\"", "\\\""));
        for (var tab : List.of("", "/jobs", "/settings")) {
            look(host + tab, names.get(0));
        }
        look(host + "/repository", url);
        look(host + "/schedules", names.toArray(String[]::new));
        isHarmlessIn(page, TEXTS.toArray(String[]::new));
        isHarmlessIn(page, String.join(" ", paths));
        look(host + "/schedules/" + last, names.get(names.size() - 1));
        assertThat(page.getByLabel("Paths")).hasValue(String.join("\n", paths));
        assertThat(page.getByLabel("Excludes")).hasValue(String.join("\n", TEXTS));
        assertThat(page.getByLabel("Tags")).hasValue(String.join(", ", TEXTS));
        assertThat(page.getByLabel("Before")).hasValue(String.join("\n", TEXTS));
        assertThat(page.getByLabel("After")).hasValue(ALL);
    }

    @Test
    void what_agents_say_is_shown_as_text_as_it_comes_and_later() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var agent = connect(web);
        agent.send(new ToServer.ScheduleAck(0, Optional.of(ALL)));
        agent.send(new ToServer.PolicyReport(new HostPolicy(
                ALL,
                HookRule.LOCAL_ONLY,
                ALL,
                TEXTS,
                true,
                TEXTS,
                Optional.empty(),
                Optional.empty(),
                RepositoryRules.NONE,
                ReadingRules.NONE,
                Optional.of(ALL))));
        agent.drain();
        var host = "/hosts/" + web.hostId();
        look("/", ALL);
        look(host + "/schedules/new", ALL);
        look(host + "/settings", ALL, TEXTS.get(0));
        assertThat(page.locator(".facts dd").nth(1)).containsText("linux <");
        assertThat(page.locator(".host-head .banner").first()).hasText(HostileText.ALL);

        var job = server.api()
                .post(host.replace("/hosts", "/api/hosts") + "/run", "")
                .at("/job_id");
        look("/jobs/" + job);
        agent.send(reports.started(job, schedule));
        agent.send(new ToServer.JobProgress(new JobId(job), 0.4, 1, 2, 3, 4, 0, Optional.empty(), Optional.of(ALL)));
        agent.send(log(job));
        assertThat(page.locator("#log > p")).hasCount(TEXTS.size() + 1);
        assertThat(page.locator(".current")).hasText(ALL);
        isHarmlessIn(page, TEXTS.toArray(String[]::new));

        agent.send(failed(job, schedule));
        agent.send(new ToServer.SnapshotsReport(3, server.now(), List.of(snapshot())));
        agent.send(SampleReports.missed(
                4, SampleReports.id(9), JobKind.BACKUP, schedule, server.now().minusSeconds(60), ALL));
        assertThat(page.locator(".banner p").first()).hasText(ALL);
        for (var path : List.of("/jobs/" + job, "/jobs/" + SampleReports.id(9))) {
            look(path, ALL);
        }
        for (var path : List.of("/", "/jobs", host + "/jobs")) {
            look(path, ALL.substring(0, 400)); // lists show the beginning
        }
        look(
                "/repositories/" + server.api().get("/api/repositories").at("/items/0/id") + "/retention",
                "/" + TEXTS.get(0));
        look(host, ALL, "/" + TEXTS.get(0), TEXTS.get(2));
        assertThat(page.locator("#restore-line"))
                .containsText("restic restore " + ShellWords.quoted(SHORT_ID) + " --target /tmp/restored");
        look(host + "/schedules");
        look(host + "/repository");
    }

    @Test
    void what_operators_say_of_alerts_channels_and_pauses_is_shown_as_text() throws Exception {
        var names = HostileText.names();
        var web = NightlyHost.connect(server, "web");
        server.api().patch("/api" + web.path(), Map.of("name", names.get(0)));
        web.runBackup(JobStatus.PARTIAL);
        server.maintenance().checkAlerts();
        var alert = "/alerts/" + server.api().get("/api/alerts").at("/items/0/id");
        assertThat(server.api()
                        .post("/api" + alert + "/acknowledge", Map.of("note", ALL.substring(0, 400)))
                        .status())
                .isEqualTo(200);
        for (var name : names) {
            var channel = Map.of(
                    "name",
                    name,
                    "kind",
                    "telegram",
                    "tags",
                    TEXTS,
                    "config",
                    Map.of("token", "x", "chat_id", "@a\"><b/data-pwned>"));
            assertThat(server.api().post("/api/channels", channel).status()).isEqualTo(201);
        }
        for (var what : List.of("/pause", "/silence")) {
            assertThat(server.api()
                            .post("/api" + web.path() + what, Map.of("reason", TEXTS.get(1)))
                            .status())
                    .isEqualTo(200);
        }

        look("/alerts", names.get(0), ALL.substring(0, 400));
        look(alert, names.get(0), ALL.substring(0, 400));
        look("/channels", names.toArray(String[]::new));
        look("/channels/" + server.api().get("/api/channels").at("/items/0/id"), names.get(0));
        look(web.path() + "/settings", TEXTS.get(1));
        look("/", TEXTS.get(1));
        look("/alerts?host=" + encode(ALL));
        look("/alerts?cursor=" + encode(ALL));
        look("/channels/new?kind=" + encode(ALL));
    }

    @Test
    void what_is_in_addresses_and_refused_forms_is_shown_as_text() throws Exception {
        chromium.expectError("status of 40");
        var web = server.enrol("web");
        var all = encode(ALL);
        var host = "/hosts/" + web.hostId();
        for (var query : List.of(
                "/?q=",
                "/?tag=",
                "/?state=",
                "/?from=",
                "/audit?host=",
                "/audit?cursor=",
                "/jobs?kind=",
                "/jobs?status=",
                "/jobs?cursor=",
                host + "/schedules/new?kind=",
                host + "/schedules/echo?cron=",
                host + "/schedules/echo?time_zone=",
                host + "/schedules/echo?keep_daily=")) {
            look(query + all, query.matches(".*(q|time_zone|daily)=") ? new String[] {ALL} : new String[0]);
        }
        look("/login?next=" + all);
        for (var path : List.of("/hosts/", "/jobs/", "/hosts/joining/", host + "/schedules/")) {
            look(path + encode(TEXTS.get(0)).replace("%2F", "/"));
            look(path + encode(TEXTS.get(1)), TEXTS.get(1));
        }
        look("/" + encode(TEXTS.get(1)));

        look("/");
        page.getByLabel("Search machines by name").fill(ALL);
        assertThat(page.locator(".empty h2")).hasText("No machine matches");
        isHarmlessIn(page, ALL);
        look("/hosts/new?kind=rest");
        page.getByLabel("Name", exactly()).fill(TEXTS.get(0));
        page.getByLabel("Repository", exactly()).fill(ALL);
        page.getByLabel("User name").fill(ALL);
        page.getByLabel("Paths").fill(String.join("\n", TEXTS));
        button(page, "Create install command").click();
        assertThat(page.locator("#initial_paths-wrong")).containsText(TEXTS.get(3));
        isHarmlessIn(page, ALL, String.join("\n", TEXTS), TEXTS.get(0));

        look(host + "/schedules/new");
        for (var field : List.of("Cron expression", "Time zone", "Tags", "Keep daily", "All within", "Upload limit")) {
            page.getByLabel(field).fill(ALL);
        }
        page.getByLabel("Paths").fill(ALL);
        assertThat(page.locator("#retention-echo")).containsText(ALL);
        assertThat(page.locator("#when-echo")).containsText(ALL);
        button(page, "Save").click();
        assertThat(page.locator("#keep_daily-wrong")).containsText(ALL);
        isHarmlessIn(page, ALL);

        look(host + "/settings");
        page.getByLabel("Shown as").fill(TEXTS.get(4) + "\tx");
        button(page, "Save").click();
        assertThat(page.locator("#name-wrong")).isVisible();
        isHarmlessIn(page, TEXTS.get(4));

        look("/login");
        page.getByLabel("User name").fill(ALL);
        page.getByLabel("Password").fill(ALL);
        button(page, "Sign in").click();
        assertThat(page.locator(".banner.bad")).isVisible();
        isHarmlessIn(page, ALL);
    }

    @Test
    void a_name_that_turns_the_direction_of_writing_turns_only_itself() throws Exception {
        var web = server.enrol("web");
        server.api().patch("/api/hosts/" + web.hostId(), Map.of("name", "\u202egnp.exe"));
        page.navigate(server.url() + "/audit");

        assertThat(page.locator(".audit a").first()).hasCSS("unicode-bidi", "isolate");
    }

    /** Asserts that a page is harmless and shows all of this. */
    private void look(String path, String... shown) {
        page.navigate(server.url() + path);
        isHarmlessIn(page, shown);
    }

    private AgentClient connect(EnrolledAgent machine) throws Exception {
        var agent = server.dial();
        var hello = new Hello(
                Protocol.VERSION,
                new HostId(machine.hostId()),
                ALL,
                Optional.of(ALL),
                "linux " + ALL,
                ALL,
                ALL,
                ALL,
                ALL,
                0,
                server.now(),
                List.of(),
                UUID.randomUUID().toString(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        agent.send(machine.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        return agent;
    }

    private ToServer.LogStream log(String job) {
        var lines = IntStream.range(0, TEXTS.size())
                .mapToObj(i -> new LogLine(i + 1, server.now(), TEXTS.get(i), TEXTS.get(i)))
                .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
        lines.add(new LogLine(lines.size() + 1, server.now(), "agent", "running: restic " + ALL));
        return new ToServer.LogStream(new JobId(job), lines.size(), lines);
    }

    private ToServer.JobFinished failed(String job, String schedule) {
        return new ToServer.JobFinished(
                2,
                new JobId(job),
                JobKind.BACKUP,
                JobTrigger.MANUAL,
                Optional.of(new ScheduleId(schedule)),
                Optional.empty(),
                Optional.of(server.now()),
                server.now(),
                JobStatus.FAILED,
                Optional.of(1),
                Optional.of(ALL),
                Optional.of(new ErrorCode.Reported(ALL)),
                Optional.of(ALL),
                new NoResult());
    }

    private Snapshot snapshot() {
        return new Snapshot(
                "a".repeat(64),
                SHORT_ID,
                server.now(),
                ALL,
                ALL,
                TEXTS.stream().map(text -> "/" + text).toList(),
                TEXTS,
                Optional.of(ALL),
                Optional.of(ALL),
                Optional.of(ALL),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
