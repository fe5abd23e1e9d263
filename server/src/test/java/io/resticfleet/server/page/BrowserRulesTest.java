package io.resticfleet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.RenderGuard;
import io.resticfleet.server.job.SampleReports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The headers, scripts and forms of all pages, read with a plain HTTP client. */
class BrowserRulesTest {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /** Scripts and styles in the page itself, and attributes that hold code. */
    private static final Pattern INLINE = Pattern.compile(
            "<script(?![^>]*\\ssrc=\"/assets/)[^>]*>|<style|<[a-z][^>]*\\s(on[a-z]+|style|hx-on[^=]*|hx-vals|hx-vars|hx-headers)\\s*="
                    + "|\\shx-trigger=\"[^\"]*\\[|javascript:");

    /** Fragments of every page. */
    private static final List<String> COMMON = List.of("trouble", "alert-count", "alerted");

    private final RenderGuard guard = new RenderGuard();

    @RegisterExtension
    final TestServer server = new TestServer(guard::open);

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String schedule;
    private String running;

    @BeforeEach
    void createSampleData() throws Exception {
        web = server.enrol("web");
        server.enrol("nas");
        schedule = web.addSchedule(Samples.NIGHTLY);
        agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(1, SampleReports.id(1), schedule));
        agent.sendAndDrain(reports.finished(2, SampleReports.id(2), schedule));
        agent.sendAndDrain(reports.log(SampleReports.id(2), 1, 3));
        agent.sendAndDrain(reports.snapshots(3, server.now(), SampleReports.SNAPSHOT));
        running = server.api().post("/api/hosts/" + web.hostId() + "/run", "").at("/job_id");
        agent.send(reports.started(4, running, Optional.of(schedule), Optional.empty()));
        agent.drain();
    }

    @Test
    void every_page_lets_browsers_run_and_load_only_what_this_server_serves_as_files() throws Exception {
        var pages = pages();
        assertThat(pages.keySet())
                .contains("/", "/jobs", "/audit", "/settings", "/hosts/new", "/jobs/" + running)
                .contains("/hosts/" + web.hostId() + "/schedules/new?kind=forget")
                .contains("/hosts/" + web.hostId() + "/schedules/" + schedule)
                .hasSizeGreaterThan(25);

        pages.putAll(Map.of(
                "/login", get("/login"),
                "the grid alone", get("/?_fragments=hosts.verdict"),
                "the echo", get("/hosts/" + web.hostId() + "/schedules/echo?cron=*"),
                "a refused form", post("/hosts/new", "url=x", "Origin", server.url()),
                "a note", post("/hosts/" + web.hostId() + "/once", "kind=check", "HX-Request", "true"),
                "a page that is not there", get("/nope"),
                "a host that is not there", get("/hosts/nope"),
                "a form's address", get("/settings/tokens"),
                "a form from elsewhere", post("/logout", "", "Origin", "https://evil.example")));

        assertThat(pages.get("a page that is not there").status()).isEqualTo(404);
        assertThat(pages.get("a form's address").status()).isEqualTo(405);
        pages.forEach((name, page) -> {
            assertThat(header(page, "Content-Type")).as(name).isEqualTo("text/html;charset=utf-8");
            assertThat(header(page, "Content-Security-Policy")).as(name).isEqualTo(POLICY);
            assertThat(header(page, "X-Frame-Options")).as(name).isEqualTo("DENY");
            assertThat(header(page, "Referrer-Policy")).as(name).isEqualTo("same-origin");
            assertThat(header(page, "Cross-Origin-Opener-Policy")).as(name).isEqualTo("same-origin");
            assertThat(header(page, "X-Content-Type-Options")).as(name).isEqualTo("nosniff");
            assertThat(header(page, "Cache-Control")).as(name).isEqualTo("no-store");
            assertThat(INLINE.matcher(page.text()).results().map(found -> found.group()))
                    .as("code in " + name)
                    .isEmpty();
        });
    }

    @Test
    void nothing_is_read_from_the_database_while_a_page_renders() throws Exception {
        for (var path : pages().keySet()) {
            var fragments =
                    String.join(".", document(get(path)).select("[id][data-v]").eachAttr("id"));
            if (!COMMON.containsAll(List.of(fragments.split("\\.")))) { // pages that never change have these, too
                var more = path.contains("?") ? "&" : "?";
                assertThat(get(path + more + "_fragments=" + fragments).status())
                        .isEqualTo(200);
                assertThat(get(path + more + "_brief=1&_live=" + fragments).text())
                        .as(path)
                        .contains("event: versions");
            }
        }

        assertThat(guard.caught()).isEmpty();
        assertThat(guard.others()).isGreaterThan(100);
    }

    @Test
    void files_are_kept_by_browsers_for_ever_and_other_names_lead_nowhere() throws Exception {
        var files = new TreeSet<String>();
        for (var page : List.of(get("/"), get("/hosts/" + web.hostId() + "/repository"))) {
            for (var attribute : List.of("src", "href", "data-bad")) {
                files.addAll(
                        document(page).select("[" + attribute + "^=/assets/]").eachAttr(attribute));
            }
        }
        assertThat(files).hasSize(11);

        for (var file : files) {
            var answer = server.api().request("GET", file, "");
            assertThat(answer.status()).as(file).isEqualTo(200);
            assertThat(header(answer, "Cache-Control")).as(file).isEqualTo("public, max-age=31536000, immutable");
            assertThat(header(answer, "X-Content-Type-Options")).as(file).isEqualTo("nosniff");
        }
        var css = files.stream()
                .filter(file -> file.endsWith("/app.css"))
                .findFirst()
                .orElseThrow();
        for (var wrong : List.of(
                css.replaceFirst("/[0-9a-f]{12}/", "/000000000000/"),
                css + "x",
                css.replace("app.css", "app.js.map"),
                css.replace("app.css", "..%2f..%2fapplication"),
                "/assets/app.css",
                "/assets/")) {
            var answer = server.api().request("GET", wrong, "");
            assertThat(answer.status()).as(wrong).isBetween(400, 404);
            assertThat(header(answer, "Cache-Control")).as(wrong).doesNotContain("immutable");
        }
    }

    @Test
    void what_pages_of_other_sites_send_is_refused() throws Exception {
        var forms = new TreeSet<String>();
        for (var page : pages().values()) {
            forms.addAll(document(page).select("form[method=post]").eachAttr("action"));
        }
        forms.addAll(List.of("/login", "/setup"));
        assertThat(forms).hasSizeGreaterThan(20).contains("/logout", "/settings/password", "/hosts/new");

        for (var form : forms) {
            for (var foreign : List.of(
                    List.of("Origin", "https://evil.example"),
                    List.of("Origin", "null"),
                    List.of("Origin", server.url().replace("http:", "https:")),
                    List.of("Sec-Fetch-Site", "cross-site"))) {
                var answer = post(form, "name=x", foreign.get(0), foreign.get(1));
                assertThat(answer.status()).as("%s from %s", form, foreign).isEqualTo(403);
                assertThat(document(answer).select("main").text())
                        .as("%s from %s", form, foreign)
                        .contains("a page of another site");
            }
        }
        assertThat(agent.drain()).isEmpty();
        assertThat(post("/hosts/" + web.hostId() + "/settings", "name=ours", "Origin", server.url())
                        .status())
                .isEqualTo(303);
    }

    @Test
    void looking_at_pages_starts_nothing_and_changes_nothing() throws Exception {
        var before = server.sql("SELECT count(*) FROM audit_log UNION ALL SELECT count(*) FROM jobs");

        assertThat(pages()).hasSizeGreaterThan(25);

        assertThat(agent.drain()).isEmpty();
        assertThat(server.sql("SELECT count(*) FROM audit_log UNION ALL SELECT count(*) FROM jobs"))
                .isEqualTo(before);
    }

    @Test
    void a_link_followed_from_another_site_asks_again_as_our_own_which_brings_the_cookie() throws Exception {
        var answer = server.api().request("GET", "/audit", "", "Accept", "text/html", "Sec-Fetch-Site", "cross-site");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(document(answer).expectFirst("meta[http-equiv=refresh]").attr("content"))
                .isEqualTo("0");
        assertThat(header(answer, "Content-Security-Policy")).isEqualTo(POLICY);

        var own = server.api()
                .request("GET", "/audit?host=x", "", "Accept", "text/html", "Sec-Fetch-Site", "same-origin");
        assertThat(own.status()).isEqualTo(303);
        assertThat(header(own, "Location")).isEqualTo("/login?next=%2Faudit%3Fhost%3Dx");
    }

    @Test
    void the_session_is_out_of_reach_of_scripts_and_other_sites() throws Exception {
        var answer = post("/login", "username=anna&password=correct+horse", "Origin", server.url());

        assertThat(header(answer, "Set-Cookie")).contains("; HttpOnly", "; SameSite=Strict", "; Path=/");
    }

    @Test
    void the_server_stops_at_once_though_pages_are_open() throws Exception {
        var live = HttpRequest.newBuilder(URI.create(server.url() + "/?_live=verdict"))
                .header("Cookie", cookie())
                .build();
        var stream = HttpClient.newHttpClient().send(live, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        long began = System.nanoTime();

        server.stop();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    }

    /** All that is reached by following links from the first page, by path. */
    private Map<String, ApiResponse> pages() throws Exception {
        var pages = new LinkedHashMap<String, ApiResponse>();
        var open = new ArrayDeque<>(List.of("/"));
        while (!open.isEmpty()) {
            var path = open.remove();
            if (pages.containsKey(path) || path.startsWith("/api/") || path.startsWith("/assets/")) {
                continue;
            }
            var page = get(path);
            // The files of a snapshot that is not indexed are on a machine, which may be away.
            assertThat(page.status()).as(path).isIn(200, path.startsWith("/snapshots/") ? 409 : 200);
            pages.put(path, page);
            for (var link : document(page).select("[href^=/]").eachAttr("href")) {
                open.add(link.replaceFirst("#.*", ""));
            }
        }
        return pages;
    }

    private ApiResponse get(String path) throws Exception {
        return server.api().request("GET", path, "", "Accept", "text/html", "Cookie", cookie());
    }

    private ApiResponse post(String path, String body, String header, String value) throws Exception {
        return server.api()
                .request(
                        "POST",
                        path,
                        body,
                        "Accept",
                        "text/html",
                        "Cookie",
                        cookie(),
                        "Content-Type",
                        "application/x-www-form-urlencoded",
                        header,
                        value);
    }

    private static Document document(ApiResponse page) {
        return Jsoup.parse(page.text());
    }

    private String cookie() {
        return "rf_session=" + server.session();
    }

    private static String header(ApiResponse answer, String name) {
        return String.join(" | ", answer.headers().allValues(name));
    }
}
