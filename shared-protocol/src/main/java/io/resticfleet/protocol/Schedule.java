package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What to do on a host, and when. The operator defines it, the server stores it, the agent applies it.
 *
 * <p>An invalid schedule can be constructed, so that all its problems can be reported at once. Never store one whose
 * {@link #violations} are not empty, nor apply one with {@link #refusals}.
 *
 * @param id a ULID that never changes; snapshots have it in the tag {@code schedule:<id>}
 * @param manual runs only on request, without {@code cron}
 * @param cron cron expression of its due times; absent if and only if {@code manual}
 * @param timeZone IANA name of the time zone of {@code cron}; absent for the host's own
 * @param paths absolute; at least one for a backup; always empty for other kinds
 * @param retention for a forget: which of the host's snapshots to keep; for a backup: which of its own to keep, applied
 *     after each successful run. For a backup it may be empty, which keeps everything
 * @param catchUp what happens to due times that passed while the machine was off or asleep
 * @param jitterMinutes maximum random delay of each run, so that machines with the same schedule do not start together;
 *     0 to 720, and in effect less than the time to the next due time
 * @param repositoryId the repository that it uses, one of the host's; absent for the host's first
 */
public record Schedule(
        ScheduleId id,
        JobKind kind,
        String name,
        boolean enabled,
        boolean manual,
        Optional<String> cron,
        Optional<String> timeZone,
        List<String> paths,
        List<String> excludes,
        List<String> tags,
        RetentionPolicy retention,
        BackupOptions options,
        Hooks hooks,
        CatchUp catchUp,
        @JsonDeserialize(using = ZeroIfAbsent.class) int jitterMinutes,
        Optional<RepositoryId> repositoryId) {

    /** Prefix of the tag by which retention and search find a schedule's snapshots, even after it is renamed. */
    public static final String TAG_PREFIX = "schedule:";

    /** Maximum length of a name, in characters. */
    public static final int MAX_NAME = 100;

    private static final String INVALID_PATTERN = "invalid_pattern";
    private static final int MAX_ITEMS = 1_000;
    private static final int MAX_COMPARED = 100;
    private static final int MAX_ITEM_LENGTH = 4_096;
    private static final int MAX_JITTER_MINUTES = 720;

    public Schedule {
        cron = manual || cron == null ? Optional.empty() : cron.filter(text -> !text.isBlank());
        timeZone = timeZone == null ? Optional.empty() : timeZone.filter(text -> !text.isBlank());
        paths = kind == JobKind.BACKUP ? List.copyOf(paths) : List.of();
        excludes = List.copyOf(excludes);
        tags = List.copyOf(tags);
        repositoryId = repositoryId == null ? Optional.empty() : repositoryId;
    }

    public String tag() {
        return TAG_PREFIX + id;
    }

    /** This schedule with another name. */
    public Schedule withName(String newName) {
        return with(newName, enabled, tags, jitterMinutes);
    }

    /** This schedule, enabled or disabled. */
    public Schedule withEnabled(boolean newEnabled) {
        return with(name, newEnabled, tags, jitterMinutes);
    }

    /** This schedule without random delay. */
    public Schedule withoutJitter() {
        return with(name, enabled, tags, 0);
    }

    private Schedule with(String newName, boolean newEnabled, List<String> newTags, int newJitterMinutes) {
        return new Schedule(
                id,
                kind,
                newName,
                newEnabled,
                manual,
                cron,
                timeZone,
                paths,
                excludes,
                newTags,
                retention,
                options,
                hooks,
                catchUp,
                newJitterMinutes,
                repositoryId);
    }

    /**
     * The time zone of the cron expression.
     *
     * @param host the host's own zone, for a schedule without one, and for one that this Java does not know: it may
     *     have older time zone data than the Java that accepted the schedule
     */
    public ZoneId zone(ZoneId host) {
        try {
            return timeZone.map(ZoneId::of).orElse(host);
        } catch (DateTimeException e) {
            return host;
        }
    }

    /**
     * The paths that the excludes leave out with everything in them. Only those for which that is certain, of the first
     * {@value #MAX_COMPARED} paths and excludes.
     */
    public static List<String> excludedPaths(List<String> paths, List<String> excludes) {
        return excludes.stream().anyMatch(exclude -> exclude.startsWith("!"))
                ? List.of()
                : paths.stream()
                        .limit(MAX_COMPARED)
                        .filter(path -> excludes.stream()
                                .limit(MAX_COMPARED)
                                .anyMatch(exclude -> FilePattern.excludes(exclude, path)))
                        .toList();
    }

    /** Problems of this schedule, in the order of its fields; empty if there are none. */
    public List<Violation> violations() {
        var wrong = new ArrayList<Violation>();
        if (!kind.schedulable()) {
            wrong.add(new Violation(
                    "kind",
                    "invalid_kind",
                    "kind must be backup, forget, prune, check, stats, copy or drill but is '" + kind.word() + "'"));
        }
        if (name.isBlank()) {
            wrong.add(new Violation("name", "name_required", "a schedule needs a name"));
        } else if (name.length() > MAX_NAME || hasControl(name)) {
            wrong.add(new Violation(
                    "name", "invalid_name", "name must be at most " + MAX_NAME + " characters on one line"));
        }
        checkCron(wrong);
        checkZone(wrong);
        if (jitterMinutes < 0 || jitterMinutes > MAX_JITTER_MINUTES) {
            wrong.add(new Violation(
                    "jitter_minutes",
                    "invalid_jitter",
                    "jitter_minutes must be 0 to " + MAX_JITTER_MINUTES + " but is " + jitterMinutes));
        }
        checkPaths(wrong);
        checkItems(
                "excludes", excludes, "invalid_exclude", exclude -> !exclude.isBlank() && !hasControl(exclude), wrong);
        checkPatterns(wrong);
        checkItems("tags", tags, "invalid_tag", Schedule::goodTag, wrong);
        wrong.addAll(retention.violations());
        if (kind == JobKind.FORGET && retention.violations().isEmpty() && retention.isEmpty()) {
            wrong.add(new Violation(
                    "retention",
                    "retention_required",
                    "forget with a policy that keeps nothing would delete every snapshot; set what to keep"));
        }
        wrong.addAll(options.violations(kind));
        wrong.addAll(hooks.violations());
        return wrong;
    }

    /**
     * Problems for which an agent refuses this schedule, and with it its whole set. A pattern that restic does not accept
     * and a tag with blanks at its ends are none: earlier versions accepted them, and they affect only the runs of this
     * schedule.
     */
    public List<Violation> refusals() {
        var stripped = tags.stream().map(String::strip).toList();
        return with(name, enabled, stripped, jitterMinutes).violations().stream()
                .filter(wrong -> !wrong.code().equals(INVALID_PATTERN))
                .toList();
    }

    private void checkCron(List<Violation> wrong) {
        if (manual) {
            return;
        }
        if (cron.isEmpty()) {
            wrong.add(new Violation("cron", "cron_required", "a schedule needs a cron expression unless it is manual"));
            return;
        }
        try {
            CronExpression.parse(cron.get());
        } catch (IllegalArgumentException e) {
            wrong.add(new Violation("cron", "invalid_cron", e.getMessage()));
        }
    }

    private void checkZone(List<Violation> wrong) {
        try {
            timeZone.ifPresent(ZoneId::of);
        } catch (DateTimeException e) {
            wrong.add(new Violation(
                    "time_zone",
                    "invalid_time_zone",
                    "time_zone must be an IANA name such as Europe/London but is '" + timeZone.orElse("") + "'"));
        }
    }

    private void checkPaths(List<Violation> wrong) {
        if (kind == JobKind.BACKUP && paths.isEmpty()) {
            wrong.add(new Violation("paths", "paths_required", "a backup needs at least one path"));
        }
        for (int i = 0; i < paths.size(); i++) {
            if (!paths.get(i).startsWith("/")) {
                wrong.add(new Violation(
                        "paths[" + i + "]",
                        "path_not_absolute",
                        "a path must be absolute, starting with /, but is '" + paths.get(i) + "'"));
            }
        }
        checkItems("paths", paths, "invalid_path", path -> !hasControl(path), wrong);
    }

    private static void checkItems(
            String field, List<String> items, String code, Predicate<String> good, List<Violation> wrong) {
        if (items.size() > MAX_ITEMS) {
            wrong.add(
                    new Violation(field, "too_many", field + " has " + items.size() + " items; at most " + MAX_ITEMS));
            return;
        }
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i);
            if (item.length() > MAX_ITEM_LENGTH || !good.test(item)) {
                wrong.add(new Violation(
                        field + "[" + i + "]",
                        code,
                        "'" + abbreviate(item) + "' is not usable here: it is empty, too long or has characters that"
                                + " cannot be passed on"));
            }
        }
    }

    private void checkPatterns(List<Violation> wrong) {
        for (int i = 0; i < Math.min(excludes.size(), MAX_ITEMS); i++) {
            var exclude = excludes.get(i);
            if (!exclude.isEmpty() && !FilePattern.isValid(exclude)) {
                wrong.add(new Violation(
                        "excludes[" + i + "]",
                        INVALID_PATTERN,
                        "'" + abbreviate(exclude)
                                + "' is not a pattern that restic accepts; write \\[ for a bracket that"
                                + " is part of a name, and \\\\ for a backslash"));
            }
        }
    }

    /** restic splits tags at commas and removes blanks at their ends; {@link #TAG_PREFIX} is reserved. */
    private static boolean goodTag(String tag) {
        return !tag.isBlank()
                && tag.equals(tag.strip())
                && !tag.contains(",")
                && !hasControl(tag)
                && !tag.startsWith(TAG_PREFIX);
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl) || !WellFormedText.test(text);
    }

    private static String abbreviate(String text) {
        return WellFormedText.cut(text, 80);
    }
}
