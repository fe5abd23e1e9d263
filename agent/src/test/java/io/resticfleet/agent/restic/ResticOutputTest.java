package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResticOutputTest {

    @Test
    void every_version_prints_the_snapshot_of_a_backup() {
        for (var version : Capture.VERSIONS) {
            var summary = only(ResticEvent.Summary.class, new Capture(version, "backup_json_first"));

            assertThat(summary).hasSize(1);
            assertThat(summary.get(0).snapshotId().orElseThrow()).hasSize(version.equals("0.14.0") ? 8 : 64);
            assertThat(summary.get(0).figures().filesNew()).isPositive();
        }
    }

    @Test
    void every_version_names_a_missing_path() {
        for (var version : Capture.VERSIONS) {
            assertThat(only(ResticEvent.PathMissing.class, new Capture(version, "backup_json_nonexistent_partial")))
                    .containsExactly(new ResticEvent.PathMissing("/srv/lab/src/does-not-exist"));
        }
    }

    @Test
    void every_version_names_the_files_it_could_not_read() {
        for (var version : Capture.VERSIONS) {
            assertThat(only(ResticEvent.Unreadable.class, new Capture(version, "backup_json_unreadable")))
                    .as(version)
                    .anySatisfy(file -> {
                        assertThat(file.path()).isEqualTo("/srv/lab/src/etc/secret.key");
                        assertThat(file.why()).contains("permission denied");
                    });
        }
    }

    @Test
    void a_negative_duration_of_restic_0_18_counts_as_zero() {
        var summary = only(ResticEvent.Summary.class, new Capture("0.18.0", "backup_json_skip_if_unchanged_2"));

        assertThat(summary.get(0).figures().totalDuration()).isZero();
        assertThat(summary.get(0).snapshotId()).isEmpty();
    }

    @Test
    void a_retry_is_not_an_error() {
        assertThat(ResticEvent.parse("Save(<data/1ca863dae2>) returned error, retrying after 1.2s: dial tcp: refused"))
                .isEqualTo(new ResticEvent.Retrying("Save(<data/1ca863dae2>)", "1.2s", "dial tcp: refused"));
        var check =
                "{\"message_type\":\"error\",\"message\":\"%s returned error, retrying after 1.2s: HEAD https://x\\n---\\n"
                        + "RESPONSE 404: 404 Not there.\\nERROR CODE: X\\n\"}";
        assertThat(ResticEvent.parse(check.formatted("Stat(<config/>)")))
                .isEqualTo(new ResticEvent.Retrying(
                        "Stat(<config/>)", "1.2s", "HEAD https://x: RESPONSE 404: 404 Not there."));
        assertThat(ResticEvent.parse(check.formatted("Save(<lock/12>)"))).isInstanceOf(ResticEvent.Text.class);
    }

    @Test
    void a_forget_that_would_empty_a_group_is_noticed() throws Exception {
        assertThat(ForgetPlan.read(new Capture("0.14.0", "forget_json_keep_minus_one").stdout())
                        .emptied())
                .isNotEmpty();
        for (var version : Capture.VERSIONS) {
            var plan = ForgetPlan.read(new Capture(version, "forget_json_dry_run").stdout());
            assertThat(plan.emptied()).isEmpty();
            assertThat(plan.kept()).isNotEmpty();
            assertThat(plan.removed()).isNotEmpty();
        }
    }

    @Test
    void the_groups_of_a_forget_are_named_and_its_lists_may_be_null(@TempDir Path directory) throws IOException {
        var file = Files.writeString(
                directory.resolve("stdout"),
                "[{\"tags\":[\"a\"],\"host\":\"web\",\"paths\":[\"/x\"],\"keep\":null,\"remove\":[{\"id\":\"1\",\"tags\":null}],"
                        + "\"reasons\":[{}]},{\"tags\":null,\"host\":\"db\",\"keep\":[{\"id\":\"2\",\"tags\":[\"b\"]}],"
                        + "\"remove\":null}]\nmore");

        var plan = ForgetPlan.read(file);

        assertThat(plan.emptied()).containsExactly("web [\"a\"]");
        assertThat(plan.removed()).containsExactly(new ForgetPlan.Listed("1", List.of()));
        assertThat(plan.kept()).containsExactly(new ForgetPlan.Listed("2", List.of("b")));
        for (var text : List.of("{}", "[{\"keep\":[", "no list")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> ForgetPlan.read(file)).isInstanceOf(IOException.class);
        }
        Files.writeString(file, "\n");
        assertThat(ForgetPlan.read(file).kept()).isEmpty();
    }

    @Test
    void many_snapshots_are_removed_by_several_commands() {
        var ids = IntStream.range(0, 2_500).mapToObj("%064x"::formatted).toList();

        var commands = ResticCommand.forget(ids);

        assertThat(commands).hasSize(3);
        assertThat(commands.stream()
                        .flatMap(command -> command.arguments().stream().skip(3))
                        .toList())
                .isEqualTo(ids);
    }

    @Test
    void a_version_is_parsed() {
        var old = ResticVersion.find("restic 0.14.0 compiled with go1.19.8 on linux/amd64")
                .orElseThrow();
        var newer = ResticVersion.find("restic 0.18.0-dev (compiled manually)").orElseThrow();

        assertThat(old.toString()).isEqualTo("0.14.0");
        assertThat(newer).isGreaterThan(old);
    }

    @Test
    void values_are_not_mistaken_for_options() {
        var schedule = new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                JobKind.BACKUP,
                "x",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of("/--x"),
                List.of("--password-command=reboot"),
                List.of("a"),
                RetentionPolicy.NONE,
                new BackupOptions(
                        true,
                        true,
                        7,
                        false,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());

        var command = ResticCommand.backup(schedule, schedule.paths(), "web 01");

        assertThat(command.arguments())
                .containsExactly(
                        "--json",
                        "backup",
                        "--host=web 01",
                        "--tag=schedule:01ARZ3NDEKTSV4RRFFQ69G5FAV",
                        "--tag=a",
                        "--exclude=--password-command=reboot",
                        "--one-file-system",
                        "--exclude-caches",
                        "--limit-upload=7",
                        "--",
                        "/--x");
        assertThat(command.toString()).contains("'--host=web 01'");
    }

    @Test
    void secrets_are_masked_in_every_form() {
        var redactor = Redactor.of(Optional.of(new Repository(
                new RepositoryUrl("rest:https://nas/x/"),
                Optional.of("web"),
                Optional.of("p@ss word"),
                "repo-secret")));

        assertThat(redactor.redact("p@ss word p%40ss%20word repo-secret https://web:other@nas/x"))
                .isEqualTo("*** *** *** https://***@nas/x");
    }

    @Test
    void lines_of_a_growing_file_are_read_once_and_whole(@TempDir Path directory) throws Exception {
        var file = directory.resolve("stdout");
        var lines = new ArrayList<String>();
        var tail = new Tail(file);
        tail.read(lines::add);

        Files.writeString(file, "one\ntw");
        tail.read(lines::add);
        assertThat(lines).containsExactly("one");

        Files.writeString(file, "one\ntwo\nthree");
        tail.finish(lines::add);
        assertThat(lines).containsExactly("one", "two", "three");
    }

    @Test
    void an_empty_exit_code_file_counts_as_none(@TempDir Path directory) throws Exception {
        Files.createFile(directory.resolve("exit"));

        assertThat(DetachedRun.adopt(directory).exitCode()).isEmpty();
    }

    private static <T extends ResticEvent> List<T> only(Class<T> type, Capture capture) {
        return capture.events().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .distinct()
                .toList();
    }
}
