package io.resticfleet.server.page.hostsettings;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.NightlyHost;
import io.resticfleet.server.page.PageClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a machine is to alarm, its pause and its silence, on pages. */
class QuietPagesTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;
    private NightlyHost web;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = NightlyHost.connect(server, "web");
        web.runBackup(JobStatus.SUCCEEDED);
    }

    @Test
    void a_pause_is_told_with_its_reason_and_end_and_ended_with_a_button() throws Exception {
        assertThat(anna.open(web.path()).link("Pause …").attr("href")).isEqualTo(web.path() + "/settings#pause");
        var paused = anna.open(web.path() + "/settings")
                .form("Pause: no backups")
                .select("Pause", "P3D")
                .fill("Why", "new disks")
                .submit();

        assertThat(paused.text("#quiet"))
                .startsWith("Paused by anna just now: new disks")
                .contains("No schedule runs until Wed 4 Mar, 13:00: no backups.");
        assertThat(paused.text("#head .state")).isEqualTo("Paused");
        assertThat(paused.links("Pause …")).isEmpty();
        assertThat(anna.open("/").text("#verdict h1")).startsWith("1 machine is paused");
        assertThat(anna.open("/").text(".card")).contains("paused by anna");

        assertThat(paused.press("Resume the schedules").text(".toast")).startsWith("Resumed");
        assertThat(anna.open(web.path()).only("#quiet").hasAttr("hidden")).isTrue();
        assertThat(anna.open("/").text("#verdict h1")).startsWith("1 machine backed up");
        assertThat(anna.open("/audit").text(".audit")).contains("paused a machine", "resumed a machine");
    }

    @Test
    void the_reason_of_a_pause_or_silence_is_changed_without_losing_its_end() throws Exception {
        anna.open(web.path() + "/settings")
                .form("Pause: no backups")
                .select("Pause", "P3D")
                .submit();
        anna.open(web.path() + "/settings")
                .form("Silence its messages")
                .select("Silence", "P3D")
                .submit();

        anna.open(web.path() + "/settings")
                .form("Pause: no backups")
                .fill("Why", "new disks")
                .submit();
        var changed = anna.open(web.path() + "/settings")
                .form("Silence its messages")
                .fill("Why it is silent", "noise")
                .submit();

        assertThat(changed.text("#quiet"))
                .contains("new disks")
                .contains("No schedule runs until Wed 4 Mar, 13:00: no backups.")
                .contains("noise")
                .doesNotContain("until somebody ends this");
    }

    @Test
    void a_silence_is_told_and_ended_with_a_button() throws Exception {
        var silenced = anna.open(web.path() + "/settings").press("Silence its messages");

        assertThat(silenced.text("#quiet"))
                .startsWith("Silenced by anna just now")
                .contains("nobody is told of them until somebody ends this.");
        assertThat(silenced.text("#head .state")).isEqualTo("Backed up");
        assertThat(silenced.form("End the silence").submitWithoutScripts().path())
                .isEqualTo(web.path());
        assertThat(anna.open(web.path()).only("#quiet").hasAttr("hidden")).isTrue();
    }

    @Test
    void a_laptop_comes_and_goes_and_has_days_until_it_is_stale() throws Exception {
        var settings = anna.open(web.path() + "/settings");

        var saved = settings.form("Save when to alarm")
                .check("It comes and goes, as a laptop")
                .fill("Days without a good backup", "10")
                .submit();

        assertThat(saved.isChecked("It comes and goes, as a laptop")).isTrue();
        assertThat(saved.value("Days without a good backup")).isEqualTo("10");
        var host = server.api().get("/api/hosts/" + web.enrolled().hostId());
        assertThat(host.at("/comes_and_goes")).isEqualTo("true");
        assertThat(host.at("/stale_after_days")).isEqualTo("10");

        var refused = saved.form("Save when to alarm")
                .fill("Days without a good backup", "some")
                .submit();
        assertThat(refused.text(".toast")).contains("the days must be a whole number");
        var none = saved.form("Save when to alarm")
                .uncheck("It comes and goes, as a laptop")
                .fill("Days without a good backup", "")
                .submit();
        assertThat(none.isChecked("It comes and goes, as a laptop")).isFalse();
        assertThat(none.value("Days without a good backup")).isEmpty();
    }
}
