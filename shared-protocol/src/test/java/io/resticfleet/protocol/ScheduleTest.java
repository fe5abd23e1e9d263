package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

    private static final RetentionPolicy TWO_WEEKS = new RetentionPolicy(0, 0, 14, 0, 0, 0, Optional.empty());

    /** A good backup, until something is changed. */
    private static final class Draft {
        JobKind kind = JobKind.BACKUP;
        String name = "nightly";
        boolean manual;
        Optional<String> cron = Optional.of("30 2 * * *");
        Optional<String> timeZone = Optional.of("Europe/London");
        List<String> paths = List.of("/etc", "/home");
        List<String> excludes = List.of("*.tmp");
        List<String> tags = List.of("nightly");
        RetentionPolicy retention = RetentionPolicy.NONE;
        BackupOptions options = BackupOptions.NONE;
        Hooks hooks = Hooks.NONE;

        Schedule schedule() {
            return new Schedule(
                    new ScheduleId("01S00000000000000000000001"),
                    kind,
                    name,
                    true,
                    manual,
                    cron,
                    timeZone,
                    paths,
                    excludes,
                    tags,
                    retention,
                    options,
                    hooks,
                    CatchUp.RUN_ONCE,
                    0,
                    Optional.empty());
        }
    }

    private static Schedule schedule(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.schedule();
    }

    private static Arguments wrong(String code, String field, Consumer<Draft> change) {
        return arguments(code, field, change);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                wrong("invalid_kind", "kind", draft -> draft.kind = JobKind.INIT),
                wrong("invalid_kind", "kind", draft -> draft.kind = JobKind.UNLOCK),
                wrong("invalid_kind", "kind", draft -> draft.kind = JobKind.SNAPSHOTS),
                wrong("name_required", "name", draft -> draft.name = ""),
                wrong("name_required", "name", draft -> draft.name = "  "),
                wrong("invalid_name", "name", draft -> draft.name = "a\nb"),
                wrong("invalid_name", "name", draft -> draft.name = "x".repeat(101)),
                wrong("cron_required", "cron", draft -> draft.cron = Optional.empty()),
                wrong("cron_required", "cron", draft -> draft.cron = Optional.of(" ")),
                wrong("invalid_cron", "cron", draft -> draft.cron = Optional.of("30 25 * * *")),
                wrong("invalid_cron", "cron", draft -> draft.cron = Optional.of("0 0 30 2 *")),
                wrong("invalid_time_zone", "time_zone", draft -> draft.timeZone = Optional.of("Europe/Nowhere")),
                wrong("invalid_time_zone", "time_zone", draft -> draft.timeZone = Optional.of("half past two")),
                wrong("paths_required", "paths", draft -> draft.paths = List.of()),
                wrong("path_not_absolute", "paths[1]", draft -> draft.paths = List.of("/etc", "home")),
                wrong("path_not_absolute", "paths[0]", draft -> draft.paths = List.of("--stdin")),
                wrong("path_not_absolute", "paths[0]", draft -> draft.paths = List.of("")),
                wrong("invalid_path", "paths[0]", draft -> draft.paths = List.of("/etc\n/shadow")),
                wrong("invalid_path", "paths[0]", draft -> draft.paths = List.of("/" + "x".repeat(4_096))),
                wrong("too_many", "paths", draft -> draft.paths = Collections.nCopies(1_001, "/etc")),
                wrong("invalid_exclude", "excludes[1]", draft -> draft.excludes = List.of("*.tmp", "")),
                wrong("invalid_exclude", "excludes[0]", draft -> draft.excludes = List.of("a\u0000b")),
                wrong("too_many", "excludes", draft -> draft.excludes = Collections.nCopies(1_001, "x")),
                wrong("invalid_tag", "tags[0]", draft -> draft.tags = List.of("a,b")),
                wrong("invalid_exclude", "excludes[0]", draft -> draft.excludes = List.of("\ud800")),
                wrong("invalid_pattern", "excludes[1]", draft -> draft.excludes = List.of("*.tmp", "[abc")),
                wrong("invalid_pattern", "excludes[0]", draft -> draft.excludes = List.of("/srv/a\\")),
                wrong("invalid_tag", "tags[0]", draft -> draft.tags = List.of(" ")),
                wrong("invalid_tag", "tags[0]", draft -> draft.tags = List.of("x ")),
                wrong("invalid_tag", "tags[0]", draft -> draft.tags = List.of("schedule:01JANOTHER")),
                wrong("too_many", "tags", draft -> draft.tags = Collections.nCopies(1_001, "x")),
                wrong("retention_required", "retention", draft -> draft.kind = JobKind.FORGET),
                wrong(
                        "invalid_retention",
                        "retention.keep_last",
                        draft -> draft.retention = new RetentionPolicy(-1, 0, 0, 0, 0, 0, Optional.empty())),
                wrong(
                        "invalid_option",
                        "options.limit_upload_kib",
                        draft -> draft.options = new BackupOptions(
                                false,
                                false,
                                -1,
                                false,
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())),
                wrong(
                        "invalid_hook",
                        "hooks.pre",
                        draft -> draft.hooks = new Hooks(Optional.of("x".repeat(4_097)), Optional.empty())),
                wrong(
                        "invalid_hook",
                        "hooks.post",
                        draft -> draft.hooks = new Hooks(Optional.empty(), Optional.of("a\u0000b"))));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("mistakes")
    void a_mistake_is_named_by_its_field_and_code(String code, String field, Consumer<Draft> change) {
        assertThat(schedule(change).violations())
                .extracting(Violation::field, Violation::code)
                .containsExactly(tuple(field, code));
    }

    @Test
    void an_agent_does_not_refuse_what_earlier_versions_accepted_and_restic_reports() {
        assertThat(schedule(draft -> {
                            draft.excludes = List.of("[abc");
                            draft.tags = List.of("x ");
                        })
                        .refusals())
                .isEmpty();
        assertThat(schedule(draft -> draft.tags = List.of("a,b")).refusals())
                .extracting(Violation::code)
                .containsExactly("invalid_tag");
    }

    @Test
    void everything_wrong_is_said_at_once_in_the_order_of_the_fields() {
        var schedule = schedule(draft -> {
            draft.name = "";
            draft.cron = Optional.of("never");
            draft.timeZone = Optional.of("nowhere");
            draft.paths = List.of("etc");
            draft.tags = List.of(",");
        });

        assertThat(schedule.violations())
                .extracting(Violation::code)
                .containsExactly(
                        "name_required", "invalid_cron", "invalid_time_zone", "path_not_absolute", "invalid_tag");
    }

    @Test
    void a_mistake_is_explained_with_the_bad_value() {
        assertThat(schedule(draft -> draft.paths = List.of("home")).violations())
                .containsExactly(new Violation(
                        "paths[0]", "path_not_absolute", "a path must be absolute, starting with /, but is 'home'"));
    }

    @Test
    void a_policy_that_is_wrong_is_not_also_called_empty() {
        var schedule = schedule(draft -> {
            draft.kind = JobKind.FORGET;
            draft.retention = new RetentionPolicy(-1, 0, 0, 0, 0, 0, Optional.empty());
        });

        assertThat(schedule.violations()).extracting(Violation::code).containsExactly("invalid_retention");
    }

    @ParameterizedTest
    @EnumSource(
            value = JobKind.class,
            names = {"BACKUP", "FORGET", "PRUNE", "CHECK"})
    void every_schedulable_kind_has_a_good_shape(JobKind kind) {
        var schedule = schedule(draft -> {
            draft.kind = kind;
            draft.retention = TWO_WEEKS;
        });

        assertThat(schedule.violations()).isEmpty();
    }

    @Test
    void only_a_backup_has_paths() {
        assertThat(schedule(draft -> draft.kind = JobKind.PRUNE).paths()).isEmpty();
        assertThat(schedule(draft -> draft.kind = JobKind.BACKUP).paths()).containsExactly("/etc", "/home");
    }

    @Test
    void a_manual_schedule_needs_no_cron_and_has_none() {
        var schedule = schedule(draft -> {
            draft.manual = true;
            draft.cron = Optional.of("not even cron");
        });

        assertThat(schedule.cron()).isEmpty();
        assertThat(schedule.violations()).isEmpty();
    }

    @Test
    void hours_are_counted_in_its_own_zone_or_else_the_hosts() {
        var host = ZoneId.of("Asia/Tokyo");

        assertThat(schedule(draft -> {}).zone(host)).isEqualTo(ZoneId.of("Europe/London"));
        assertThat(schedule(draft -> draft.timeZone = Optional.of(" ")).zone(host))
                .isEqualTo(host);
    }

    @Test
    void its_snapshots_carry_its_id() {
        assertThat(schedule(draft -> {}).tag()).isEqualTo("schedule:01S00000000000000000000001");
    }
}
