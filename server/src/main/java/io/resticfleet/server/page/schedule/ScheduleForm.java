package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.DrillOptions;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The input of the schedule form: text, valid or not, so that nothing is lost when it is rejected.
 *
 * @param fields by name; an unchecked box has an empty value or none
 */
record ScheduleForm(JobKind kind, Map<String, String> fields) {

    static final List<String> RETENTION = List.of(
            "keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within");

    private static final long MEBIBYTE = 1024 * 1024;

    /** All fields; a checked box has the value {@code on}. */
    private static final List<String> FIELDS = Stream.concat(
                    Stream.of(
                            "name",
                            "enabled",
                            "repository_id",
                            "manual",
                            "cron",
                            "time_zone",
                            "catch_up",
                            "jitter_minutes",
                            "paths",
                            "excludes",
                            "tags",
                            "one_file_system",
                            "exclude_caches",
                            "limit_upload_kib",
                            "allow_symlink",
                            "allow_empty",
                            "to",
                            "max_unused",
                            "read_all_days",
                            "drill_files",
                            "drill_share",
                            "drill_mebibytes",
                            "drill_canaries",
                            "drill_of",
                            "hook_pre",
                            "hook_post",
                            "was"),
                    RETENTION.stream())
            .toList();

    /** Reads the known fields of a request. */
    static ScheduleForm typed(JobKind kind, UnaryOperator<String> field) {
        return new ScheduleForm(
                kind, FIELDS.stream().collect(Collectors.toMap(name -> name, field, (a, b) -> a, LinkedHashMap::new)));
    }

    /** A new schedule with sensible defaults. */
    static ScheduleForm fresh(JobKind kind) {
        var defaults = switch (kind) {
            case BACKUP ->
                Map.of(
                        "name",
                        "nightly",
                        "enabled",
                        "on",
                        "cron",
                        "30 2 * * *",
                        "one_file_system",
                        "",
                        "exclude_caches",
                        "on");
            case FORGET ->
                Map.of(
                        "name",
                        "forget",
                        "enabled",
                        "on",
                        "cron",
                        "0 5 * * *",
                        "keep_daily",
                        "14",
                        "keep_weekly",
                        "8",
                        "keep_monthly",
                        "12");
            case PRUNE -> Map.of("name", "prune", "enabled", "on", "cron", "0 6 * * 0");
            case CHECK -> Map.of("name", "check", "enabled", "on", "cron", "0 7 1 * *");
            case STATS -> Map.of("name", "stats", "enabled", "on", "cron", "0 8 * * *");
            case COPY -> Map.of("name", "copy", "enabled", "on", "cron", "0 4 * * *");
            case DRILL -> Map.of("name", "drill", "enabled", "on", "cron", "0 12 1 * *");
            case INIT, UNLOCK, SNAPSHOTS, PROBE, REPAIR_INDEX, REPAIR_SNAPSHOTS, ROTATE_KEY, RESTORE ->
                throw new IllegalArgumentException("a schedule cannot be of kind '" + kind.word() + "'");
        };
        return typed(kind, name -> defaults.getOrDefault(name, ""));
    }

    static ScheduleForm of(Schedule schedule) {
        var retention = schedule.retention();
        var options = schedule.options();
        var fields = new LinkedHashMap<String, String>();
        fields.put("name", schedule.name());
        fields.put("enabled", box(schedule.enabled()));
        fields.put(
                "repository_id",
                schedule.repositoryId().map(RepositoryId::value).orElse(""));
        fields.put("manual", box(schedule.manual()));
        fields.put("cron", schedule.cron().orElse(""));
        fields.put("time_zone", schedule.timeZone().orElse(""));
        fields.put("catch_up", schedule.catchUp().toString());
        fields.put("jitter_minutes", schedule.jitterMinutes() == 0 ? "" : "" + schedule.jitterMinutes());
        fields.put("paths", String.join("\n", schedule.paths()));
        fields.put("excludes", String.join("\n", schedule.excludes()));
        fields.put("tags", String.join(", ", schedule.tags()));
        retention.counts().forEach((name, count) -> fields.put(name.replace('-', '_'), count == 0 ? "" : "" + count));
        fields.put("keep_within", retention.keepWithin().orElse(""));
        fields.put("one_file_system", box(options.oneFileSystem()));
        fields.put("exclude_caches", box(options.excludeCaches()));
        fields.put("limit_upload_kib", options.limitUploadKib() == 0 ? "" : "" + options.limitUploadKib());
        fields.put("allow_symlink", box(options.allowSymlink()));
        fields.put("allow_empty", box(options.allowEmpty()));
        fields.put("to", options.to().map(RepositoryId::value).orElse(""));
        fields.put("max_unused", options.maxUnused().orElse(""));
        fields.put("read_all_days", options.readAllDays().map(String::valueOf).orElse(""));
        options.drill().ifPresent(drill -> {
            fields.put(
                    "drill_files", drill.sample().files().map(String::valueOf).orElse(""));
            fields.put(
                    "drill_mebibytes",
                    drill.sample()
                            .bytes()
                            .map(bytes -> "" + Math.max(1, bytes / MEBIBYTE))
                            .orElse(""));
            fields.put("drill_canaries", String.join("\n", drill.canaries()));
            fields.put("drill_of", drill.ofSchedule().map(ScheduleId::value).orElse(""));
            drill.sample().share().ifPresent(share -> fields.put("drill_share", share.toString()));
        });
        fields.put("hook_pre", schedule.hooks().pre().orElse(""));
        fields.put("hook_post", schedule.hooks().post().orElse(""));
        fields.put("was", checksum(schedule));
        return new ScheduleForm(schedule.kind(), fields);
    }

    /** A checksum of the schedule, to detect a change by somebody else. */
    static String checksum(Schedule schedule) {
        return Integer.toHexString(schedule.toString().hashCode());
    }

    String get(String field) {
        return fields.getOrDefault(field, "");
    }

    /** The same input with another value in one field. */
    ScheduleForm with(String field, String value) {
        var changed = new LinkedHashMap<>(fields);
        changed.put(field, value);
        return new ScheduleForm(kind, changed);
    }

    boolean on(String field) {
        return !get(field).isEmpty();
    }

    /**
     * The input as a valid schedule.
     *
     * @throws Problem 400 with all invalid fields
     */
    Schedule toSchedule(ScheduleId id) {
        var wrong = new ArrayList<Violation>();
        var schedule = new Schedule(
                id,
                kind,
                get("name").strip(),
                on("enabled"),
                on("manual"),
                text("cron"),
                on("manual") ? Optional.empty() : text("time_zone"), // hidden for manual schedules
                lines("paths"),
                lines("excludes"),
                items("tags"),
                retention(wrong),
                options(wrong),
                hooks(),
                CatchUp.parse(text("catch_up"), wrong),
                number("jitter_minutes", "", wrong),
                repository("repository_id", wrong));
        wrong.addAll(schedule.violations());
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
        return schedule;
    }

    private Optional<RepositoryId> repository(String field, List<Violation> wrong) {
        var id = text(field);
        if (id.isPresent() && !Id.matches(id.get())) {
            wrong.add(new Violation(field, "unknown_repository", "choose a repository of this machine"));
            return Optional.empty();
        }
        return id.map(RepositoryId::new);
    }

    /** @param wrong receives the fields that are not numbers */
    BackupOptions options(List<Violation> wrong) {
        return new BackupOptions(
                on("one_file_system"),
                on("exclude_caches"),
                number("limit_upload_kib", "options.", wrong),
                on("allow_symlink"),
                on("allow_empty"),
                repository("to", wrong),
                text("max_unused"),
                Optional.of(number("read_all_days", "options.", wrong)).filter(days -> days != 0),
                kind == JobKind.DRILL ? Optional.of(drill(wrong)) : Optional.empty());
    }

    private DrillOptions drill(List<Violation> wrong) {
        var of = text("drill_of");
        if (of.isPresent() && !Id.matches(of.get())) {
            wrong.add(new Violation("drill_of", "unknown_schedule", "choose a backup schedule of this machine"));
            of = Optional.empty();
        }
        return new DrillOptions(
                new DrillSample(
                        Optional.of(number("drill_files", "", wrong)).filter(files -> files != 0),
                        Optional.of(number("drill_mebibytes", "", wrong) * MEBIBYTE)
                                .filter(bytes -> bytes != 0),
                        share(wrong)),
                lines("drill_canaries"),
                of.map(ScheduleId::new));
    }

    /** A share that was set through the API; the form keeps it. */
    private Optional<Double> share(List<Violation> wrong) {
        return text("drill_share").filter(text -> text("drill_files").isEmpty()).flatMap(text -> {
            if (!text.matches("[0-9.]{1,12}")) {
                wrong.add(new Violation("drill_share", "wrong_type", "this must be a number above 0, at most 1"));
                return Optional.empty();
            }
            return Optional.of(Double.parseDouble(text));
        });
    }

    /** @param wrong receives the fields that are not numbers */
    RetentionPolicy retention(List<Violation> wrong) {
        return new RetentionPolicy(
                number("keep_last", "retention.", wrong),
                number("keep_hourly", "retention.", wrong),
                number("keep_daily", "retention.", wrong),
                number("keep_weekly", "retention.", wrong),
                number("keep_monthly", "retention.", wrong),
                number("keep_yearly", "retention.", wrong),
                text("keep_within"));
    }

    /** Error messages by form field; several messages for a field are joined. */
    static Map<String, String> byField(List<Violation> violations) {
        return violations.stream()
                .collect(Collectors.toMap(
                        violation -> field(violation.field()),
                        Violation::detail,
                        (first, second) -> first + "; " + second,
                        LinkedHashMap::new));
    }

    Hooks hooks() {
        return new Hooks(text("hook_pre"), text("hook_post"));
    }

    /** Maps a path in the API to a form field: {@code paths[1]} to {@code paths}, {@code hooks.pre} to {@code hook_pre}. */
    private static String field(String path) {
        return path.replaceFirst("\\[\\d+]$", "")
                .replace("hooks.", "hook_")
                .replace("drill.sample.bytes", "drill_mebibytes")
                .replaceFirst("drill\\.(sample\\.)?", "drill_")
                .replace("drill_of_schedule", "drill_of")
                .replaceFirst("^(retention|options)\\.", "");
    }

    private int number(String field, String group, List<Violation> wrong) {
        var text = get(field).strip();
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]{1,9}")) {
            wrong.add(new Violation(group + field, "wrong_type", "this must be a whole number but is '" + text + "'"));
            return 0;
        }
        return Integer.parseInt(text);
    }

    private Optional<String> text(String field) {
        return Optional.of(get(field).replace("\r\n", "\n").strip()).filter(text -> !text.isEmpty());
    }

    List<String> lines(String field) {
        return get(field)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private List<String> items(String field) {
        return Stream.of(get(field).split("[,\\n]"))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static String box(boolean ticked) {
        return ticked ? "on" : "";
    }
}
