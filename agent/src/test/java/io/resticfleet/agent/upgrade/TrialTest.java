package io.resticfleet.agent.upgrade;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start of a new version, and the state on disk after a power cut at any step. */
class TrialTest {

    private static final byte[] OLD = "the old jar".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW = "the new jar".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger left = new AtomicInteger();
    private Jar jar;
    private StateDirectory state;
    private Attempt attempt;

    @BeforeEach
    void open() throws Exception {
        jar = new Jar(directory.resolve("agent.jar"));
        state = StateDirectory.open(directory.resolve("state"));
        attempt = Attempt.at(Instant.parse("2026-03-01T12:00:00Z"), "0.1.0", "0.2.0", Jars.sha256(NEW));
    }

    @Test
    void a_version_that_the_server_accepts_stays_and_the_previous_one_is_kept() throws Exception {
        inPlace();
        var trial = begin();
        assertThat(Attempt.find(state).orElseThrow().starts()).isEqualTo(1);

        trial.welcomed();
        nanos.addAndGet(Duration.ofDays(1).toNanos());

        assertThat(Attempt.find(state)).isEmpty();
        begin();
        assertThat(jar.file()).hasBinaryContent(NEW);
        assertThat(jar.previous()).hasBinaryContent(OLD);
        assertThat(left).hasValue(0);
    }

    @Test
    void a_version_that_is_not_accepted_within_90_seconds_is_rolled_back() throws Exception {
        inPlace();
        begin();
        nanos.addAndGet(Duration.ofSeconds(89).toNanos());
        assertThat(jar.file()).hasBinaryContent(NEW);

        nanos.addAndGet(Duration.ofSeconds(2).toNanos());

        eventually(() -> assertThat(left).hasValue(1));
        assertThat(jar.file()).hasBinaryContent(OLD);
        assertFailed("did not accept it within 90 s");
    }

    @Test
    void a_version_that_ends_three_times_is_rolled_back() throws Exception {
        inPlace();
        for (int start = 1; start <= Trial.MAX_STARTS; start++) {
            begin();
            assertThat(left).hasValue(0);
        }

        begin();

        assertThat(left).hasValue(1);
        assertThat(jar.file()).hasBinaryContent(OLD);
        assertFailed("it started 3 times");
    }

    @Test
    void the_previous_version_notices_that_the_unit_has_put_it_back() throws Exception {
        Files.write(jar.file(), OLD);
        attempt.save(state);
        Files.writeString(state.root().resolve(Attempt.UNIT_STARTS), "\n\n\n\n\n\n");

        begin();

        assertFailed("repeatedly before it could connect");
        assertThat(state.root().resolve(Attempt.UNIT_STARTS)).doesNotExist();
    }

    @Test
    void a_power_cut_before_the_jar_is_installed_leaves_the_old_one_and_a_report() throws Exception {
        Files.write(jar.file(), OLD);
        Files.write(jar.previous(), OLD);
        Files.write(jar.incoming(), NEW);
        begin(); // nothing recorded yet
        assertThat(Attempt.find(state)).isEmpty();

        attempt.save(state);
        begin();

        assertThat(jar.file()).hasBinaryContent(OLD);
        assertThat(left).hasValue(0);
        assertFailed("stopped before the new version was in place");
    }

    @Test
    void a_rollback_cut_short_by_a_power_cut_is_completed() throws Exception {
        inPlace();
        attempt.failed("it was not accepted").save(state);

        begin();

        assertThat(left).hasValue(1);
        assertThat(jar.file()).hasBinaryContent(OLD);
        begin();
        assertFailed("it was not accepted");
    }

    @Test
    void a_jar_that_was_installed_by_hand_is_left_alone() throws Exception {
        inPlace();
        Files.writeString(jar.file(), "a third jar");
        begin();
        assertFailed("before the new version was in place");

        begin();

        assertThat(jar.file()).hasContent("a third jar");
        assertThat(left).hasValue(0);
    }

    @Test
    void a_damaged_record_of_an_upgrade_is_set_aside_and_the_agent_goes_on() throws Exception {
        inPlace();
        Files.writeString(state.root().resolve(Attempt.FILE), "{\"from\":\"0.1.0\",");

        begin();

        assertThat(state.root().resolve(Attempt.FILE)).doesNotExist();
        assertThat(state.root().resolve("upgrade.json.damaged")).exists();
        assertThat(jar.file()).hasBinaryContent(NEW);
        assertThat(left).hasValue(0);
    }

    @Test
    void fields_added_by_a_later_version_do_not_prevent_a_rollback() throws Exception {
        inPlace();
        attempt.failed("it was not accepted").save(state);
        var note = state.root().resolve(Attempt.FILE);
        Files.writeString(note, Files.readString(note).replaceFirst("\\{", "{\"added_later\":[1],"));

        begin();

        assertThat(jar.file()).hasBinaryContent(OLD);
        assertFailed("it was not accepted");
    }

    @Test
    void without_the_previous_jar_the_new_version_goes_on() throws Exception {
        inPlace();
        Files.delete(jar.previous());
        attempt.failed("it was not accepted").save(state);

        begin();

        assertThat(jar.file()).hasBinaryContent(NEW);
        assertThat(left).hasValue(0);
        assertThat(Attempt.find(state)).isEmpty();
    }

    private void inPlace() throws Exception {
        Files.write(jar.file(), NEW);
        Files.write(jar.previous(), OLD);
        attempt.save(state);
    }

    private Trial begin() {
        return Trial.begin(state, jar, nanos::get, Threads.OF_SYSTEM, left::incrementAndGet);
    }

    private void assertFailed(String words) {
        assertThat(Attempt.find(state).flatMap(Attempt::failed).orElseThrow()).contains(words);
    }
}
