package io.resticfleet.server.page.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pages on which files are found in snapshots and chosen. */
class FilePagesTest {

    private static final SnapshotPath LATIN_1 =
            SnapshotPath.of("/home/anna").child(RawText.of(new byte[] {'c', 'a', 'f', (byte) 0xe9}));
    private static final String LINES = "/home/anna/two\nlines";

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;
    private IndexedHost laptop;
    private String before;
    private String after;

    @BeforeEach
    void index() throws Exception {
        anna = PageClient.signedIn(server);
        laptop = new IndexedHost(server.enrol("laptop"))
                .with(tree().file(report(), 5_000, time(1)).file("/home/anna/gone.txt", 77), time(2))
                .with(tree().file(report(), 9_000, time(3)).file("/home/anna/Music/new.flac", 30_000_000), time(4))
                .connect();
        before = laptop.snapshot(0);
        after = laptop.snapshot(1);
    }

    private static SampleTree tree() {
        return new SampleTree()
                .file("/etc/hosts", 120)
                .file("/home/anna/<b>&amp;.txt", 1)
                .file(LATIN_1, 12, time(0))
                .file(SnapshotPath.of(LINES), 13, time(0))
                .link("/home/anna/latest", "Documents/report.odt");
    }

    private static SnapshotPath report() {
        return SnapshotPath.of("/home/anna/Documents/report.odt");
    }

    private static Instant time(int day) {
        return Instant.parse("2026-02-01T10:00:00Z").plus(Duration.ofDays(day));
    }

    @Test
    void a_snapshot_opens_at_what_was_backed_up_and_leads_to_each_directory_and_back() throws Exception {
        var root = anna.open(laptop.path()).follow("Files of " + after.substring(0, 8));

        assertThat(root.text("h1")).isEqualTo("laptop, Thu 5 Feb, 11:00");
        assertThat(root.texts("td.name")).containsExactly("etc/", "home/");
        var home = root.follow("home/").follow("anna/");
        assertThat(home.text(".steps")).isEqualTo("/ home / anna");
        assertThat(home.texts("td.name"))
                .containsExactly(
                        "<b>&amp;.txt",
                        "Documents/",
                        "Music/",
                        "caf\ufffd",
                        "latest → Documents/report.odt",
                        "two\\x0alines");
        var documents = home.follow("Documents/");
        assertThat(documents.text("tbody tr"))
                .isEqualTo("report.odt 8.8 KiB Wed 4 Feb, 11:00 -rw-r--r-- anna:users Download Versions");
        assertThat(documents.link("Download report.odt").attr("href"))
                .isEqualTo("/api/snapshots/" + after + "/download?path=/home/anna/Documents/report.odt");
        assertThat(documents.follow("home").texts("td.name")).containsExactly("anna/");

        var earlier = documents.follow("← Earlier");
        assertThat(earlier.text("h1")).isEqualTo("laptop, Tue 3 Feb, 11:00");
        assertThat(earlier.text(".steps")).isEqualTo("/ home / anna / Documents");
        assertThat(earlier.text("tbody tr")).contains("4.9 KiB");
    }

    @Test
    void a_directory_that_a_snapshot_lacks_leads_to_the_one_above_and_to_other_snapshots() throws Exception {
        var page = anna.open("/snapshots/" + after + "/files?path=/home/anna/Music")
                .follow("← Earlier");

        assertThat(page.status()).isEqualTo(404);
        assertThat(page.text(".banner")).contains("/home/anna/Music is not in this snapshot.");
        assertThat(page.follow("Show the directory above").texts("td.name")).contains("gone.txt");
        assertThat(page.follow("Later →").texts("td.name")).containsExactly("new.flac");
        assertThat(anna.open("/snapshots/" + "0".repeat(64) + "/files").status())
                .isEqualTo(404);
        assertThat(anna.open("/snapshots/" + after + "/files?path=../etc").status())
                .isEqualTo(400);
    }

    @Test
    void files_are_chosen_in_several_directories_also_those_with_odd_names() throws Exception {
        var home = anna.open("/snapshots/" + after + "/files?path=/home/anna");
        var chosen = home.form("Add and go on")
                .check("Choose caf\ufffd")
                .check("Choose two\\x0alines")
                .submit();
        assertThat(chosen.text(".steps")).isEqualTo("/ home / anna");
        assertThat(chosen.text(".tabs")).contains("Restore (2)");
        assertThat(chosen.texts("tr:has(.tag) .name")).containsExactly("caf\ufffd", "two\\x0alines");

        var form = anna.open("/snapshots/" + after + "/files?path=/etc")
                .form("Restore chosen")
                .check("Choose hosts")
                .submit();
        assertThat(form.texts(".chosen .mono"))
                .containsExactly("/home/anna/caf\ufffd", "/home/anna/two\\x0alines", "/etc/hosts");
        assertThat(form.select(".restore input[type=hidden]").eachAttr("name"))
                .containsExactly("path_base64", "path_base64", "path");

        var fewer = form.press("Do not restore /etc/hosts");
        assertThat(fewer.texts(".chosen .mono")).containsExactly("/home/anna/caf\ufffd", "/home/anna/two\\x0alines");
        var all = anna.open("/snapshots/" + after + "/files?path=/home").form("Restore chosen");
        assertThat(all.check("Choose anna").submit().texts(".chosen .mono")).containsExactly("/home/anna");
        assertThat(anna.open("/snapshots/" + before + "/restore").text("#restore-title"))
                .isEqualTo("Nothing chosen yet");
        assertThat(anna.open("/snapshots/" + after + "/restore")
                        .press("Remove all")
                        .text("#restore-title"))
                .isEqualTo("Nothing chosen yet");
    }

    @Test
    void more_than_a_restore_takes_is_not_chosen() throws Exception {
        var many =
                IntStream.range(0, 1_001).mapToObj(i -> "path=/home/anna/" + i).collect(Collectors.joining("&"));

        assertThat(server.api()
                        .request(
                                "POST",
                                "/snapshots/" + after + "/choose",
                                many,
                                "Cookie",
                                "rf_session=" + server.session(),
                                "Content-Type",
                                "application/x-www-form-urlencoded",
                                "Origin",
                                server.url())
                        .status())
                .isEqualTo(400);

        assertThat(anna.open("/snapshots/" + after + "/restore").text("#restore-title"))
                .isEqualTo("Nothing chosen yet");
    }

    @Test
    void a_file_is_found_on_all_machines_with_its_versions_and_where_they_are() throws Exception {
        var found = anna.open("/").follow("Find").formAround("Find files by name");
        var page = found.fill("Find files by name", "report").submit();

        assertThat(page.text("nav [aria-current]")).isEqualTo("Find");
        assertThat(page.text("tbody tr"))
                .isEqualTo("laptop report.odt /home/anna/Documents 8.8 KiB Wed 4 Feb, 11:00 2 Directory Restore");
        assertThat(page.follow("Show the directory of report.odt").text(".steps"))
                .isEqualTo("/ home / anna / Documents");
        var versions = page.follow("report.odt");
        assertThat(versions.text("#versions-title")).isEqualTo("Versions of report.odt");
        assertThat(versions.texts("tbody tr")).hasSize(2);
        assertThat(versions.texts("tbody tr").get(0)).contains("8.8 KiB", "Thu 5 Feb, 11:00", "1 snapshot");
        assertThat(versions.texts("tbody tr").get(1)).contains("4.9 KiB", "Tue 3 Feb, 11:00");
        assertThat(versions.select("tbody tr:nth-child(2) a").eachAttr("href"))
                .contains(
                        "/api/snapshots/" + before + "/download?path=/home/anna/Documents/report.odt",
                        "/snapshots/" + before + "/restore?path=/home/anna/Documents/report.odt");
        assertThat(versions.follow("Restore the version of Mon 2 Feb, 11:00").texts(".chosen .mono"))
                .containsExactly("/home/anna/Documents/report.odt");
    }

    @Test
    void names_are_searched_on_one_machine_by_pattern_and_odd_ones_open() throws Exception {
        var none = search("*.exe");
        assertThat(none.text("#found-title")).isEqualTo("Nothing found");
        assertThat(none.text("nav.tabs [aria-current]")).isEqualTo("Files");

        assertThat(search("two*").follow("two\\x0alines").texts("tbody tr")).hasSize(1);
        assertThat(search("caf").follow("caf\ufffd").text("#versions-title")).isEqualTo("Versions of caf\ufffd");
        assertThat(search("<b>").texts("td.name")).containsExactly("<b>&amp;.txt /home/anna");
        assertThat(search("<b>").follow("Search all machines").value("Find files by name"))
                .isEqualTo("<b>");
    }

    private HtmlPage search(String query) throws Exception {
        return anna.open(laptop.path() + "/files")
                .formAround("Find files by name")
                .fill("Find files by name", query)
                .submit();
    }

    @Test
    void what_changed_since_the_snapshot_before_is_shown_by_directory_with_sizes() throws Exception {
        var page = anna.open(laptop.path()).follow("Changes of " + after.substring(0, 8));

        assertThat(page.text("#diff-title")).isEqualTo("Changes since Tue 3 Feb, 11:00");
        assertThat(page.texts(".figures dd")).containsExactly("+28.6 MiB", "−5.0 KiB");
        assertThat(page.texts("tbody tr"))
                .containsExactly(
                        "/home/anna/Documents",
                        "report.odt changed 4.9 KiB 8.8 KiB +3.9 KiB",
                        "/home/anna",
                        "Music/ new",
                        "gone.txt gone 77 B −77 B",
                        "/home/anna/Music",
                        "new.flac new 28.6 MiB +28.6 MiB");

        var first = page.follow("← Earlier");
        assertThat(first.text(".banner")).contains("There is no earlier snapshot of the same paths");
        var backwards = first.form("Compare").select("Compare with", after).submit();
        assertThat(backwards.texts("tbody tr")).contains("gone.txt new 77 B +77 B");
    }

    @Test
    void snapshots_that_differ_in_what_is_not_indexed_are_not_said_to_be_the_same() throws Exception {
        var nas = new IndexedHost(server.enrol("nas"))
                .with(new SampleTree().emptyDirectory(SnapshotPath.of("/etc/cron.d"), time(0)), time(1))
                .with(new SampleTree().emptyDirectory(SnapshotPath.of("/etc/cron.d"), time(1)), time(2))
                .connect();
        var last = "/snapshots/" + nas.snapshot(1) + "/diff?with=";

        assertThat(anna.open(last + nas.snapshot(0)).text("main"))
                .contains("No name, size, time or owner of a file differs; contents or attributes of directories do.");
        assertThat(anna.open(last + nas.snapshot(1)).text("main")).contains("Nothing differs.");
    }

    @Test
    void the_page_of_a_backup_names_what_grew() throws Exception {
        var nightly = laptop.enrolled().addSchedule(Samples.NIGHTLY);
        var job = SampleReports.id(1);
        laptop.agent()
                .sendAndDrain(new SampleReports(server)
                        .finished(2, job, Optional.of(nightly), Optional.empty(), JobStatus.SUCCEEDED, after));

        var page = anna.open("/jobs/" + job);
        assertThat(page.link("Changes").attr("href")).isEqualTo("/snapshots/" + after + "/diff");
        assertThat(page.only("#growth").attr("hx-get")).isEqualTo("/jobs/" + job + "/growth");
        var grown = page.follow("What grew");
        assertThat(grown.texts(".grown:first-of-type li").subList(0, 2))
                .containsExactly("+28.6 MiB /home/anna/Music/new.flac", "+3.9 KiB /home/anna/Documents/report.odt");
        assertThat(grown.follow("/home/anna/Music/new.flac").texts("td.name")).containsExactly("new.flac");
    }

    @Test
    void the_pages_work_for_a_snapshot_whose_machine_is_gone() throws Exception {
        laptop.agent().abort();
        laptop.enrolled().awaitStatus("offline");

        var page = anna.open("/snapshots/" + after + "/files?path=/etc");

        assertThat(page.texts("td.name")).containsExactly("hosts");
    }

    @Test
    void a_large_directory_is_shown_in_parts_of_which_each_can_be_chosen_from() throws Exception {
        var photos = new SampleTree();
        for (int i = 100; i < 350; i++) {
            photos.file("/home/photo-" + i, i);
        }
        var camera =
                new IndexedHost(server.enrol("camera")).with(photos, time(5)).connect();

        var first = anna.open("/snapshots/" + camera.snapshot(0) + "/files?path=/home");
        assertThat(first.texts("td.name")).hasSize(200).contains("photo-100");
        assertThat(first.source()).contains("250 entries in this directory");
        var second = first.follow("More");
        assertThat(second.texts("td.name")).hasSize(50).contains("photo-349");
        assertThat(second.links("More")).isEmpty();

        var chosen = second.form("Add and go on").check("Choose photo-349").submit();
        assertThat(chosen.path()).isEqualTo(second.path());
        assertThat(chosen.texts("tr:has(.tag) .name")).containsExactly("photo-349");
    }

    @Test
    void what_is_not_indexed_is_said_where_it_is_asked_for() throws Exception {
        var old = server.enrol("old", Map.of("repository", Samples.repository("rest:https://nas:8000/old/")));
        var agent = old.connectInSync();
        agent.sendAndDrain(new SampleReports(server).snapshots(1, server.now(), SampleReports.SNAPSHOT));
        agent.abort();
        old.awaitStatus("offline");

        var files = anna.open("/snapshots/" + SampleReports.SNAPSHOT + "/files");
        assertThat(files.status()).isEqualTo(409);
        assertThat(files.text("h1")).startsWith("web, ");
        assertThat(files.text(".banner")).contains("no machine is connected");
        var found = anna.open("/hosts/" + old.hostId() + "/files?q=hosts");
        assertThat(found.text(".banner[role=status]")).startsWith("1 of 1 snapshot ");
        assertThat(anna.open("/find?q=hosts").text(".banner")).contains("Some snapshots are not indexed yet");
        assertThat(anna.open("/hosts/" + old.hostId() + "/versions?path=/etc").text(".panel"))
                .contains("there may be more versions", "No indexed snapshot has something at this path.");
    }
}
