package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How restic reads and uploads files, and what a backup may lack; of other kinds of schedules, what they do beyond their kind.
 *
 * @param oneFileSystem do not cross file system boundaries
 * @param excludeCaches exclude directories that contain a CACHEDIR.TAG
 * @param limitUploadKib upload limit in KiB/s; 0 for none
 * @param allowSymlink a path may be a symbolic link, of which restic saves the link itself and not its target; in JSON left
 *     out if false
 * @param allowEmpty paths may be empty, or have much less in them than the last time; in JSON left out if false
 * @param to of a copy: the repository to copy to, one of the host's; absent for other kinds
 * @param maxUnused of a prune: as {@link UnusedLimit}; absent for restic's default
 * @param readAllDays of a check: so many days in which all data of the repository is read, a part by each run that the server
 *     starts; absent to read none
 * @param drill of a drill: what it restores; absent for other kinds, and for a random sample of the host's latest snapshot
 */
public record BackupOptions(
        boolean oneFileSystem,
        boolean excludeCaches,
        int limitUploadKib,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean allowSymlink,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean allowEmpty,

        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<RepositoryId> to,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> maxUnused,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> readAllDays,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<DrillOptions> drill) {

    public static final BackupOptions NONE = new BackupOptions(
            false, false, 0, false, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final int MAX_DAYS = 3_650;

    public BackupOptions {
        to = to == null ? Optional.empty() : to;
        maxUnused = maxUnused == null ? Optional.empty() : Limit.cut(maxUnused, Limit.NAME);
        readAllDays = readAllDays == null ? Optional.empty() : readAllDays;
        drill = drill == null ? Optional.empty() : drill;
    }

    /** Problems of these options for a kind of schedule; empty if there are none. */
    public List<Violation> violations(JobKind kind) {
        var wrong = new ArrayList<Violation>();
        if (limitUploadKib < 0) {
            wrong.add(invalid(
                    "limit_upload_kib", "limit_upload_kib must be 0 (no limit) or more but is " + limitUploadKib));
        }
        only(JobKind.COPY, "to", to, kind, wrong);
        only(JobKind.PRUNE, "max_unused", maxUnused, kind, wrong);
        only(JobKind.CHECK, "read_all_days", readAllDays, kind, wrong);
        only(JobKind.DRILL, "drill", drill, kind, wrong);
        drill.map(DrillOptions::violations).ifPresent(wrong::addAll);
        if (kind == JobKind.COPY && to.isEmpty()) {
            wrong.add(new Violation("options.to", "to_required", "a copy needs a repository to copy to"));
        }
        maxUnused
                .filter(text -> !UnusedLimit.isValid(text))
                .ifPresent(text -> wrong.add(invalid(
                        "max_unused", "max_unused must be such as 5%, 500M, 2G or unlimited but is '" + text + "'")));
        readAllDays
                .filter(days -> days < 1 || days > MAX_DAYS)
                .ifPresent(days -> wrong.add(
                        invalid("read_all_days", "read_all_days must be 1 to " + MAX_DAYS + " but is " + days)));
        return wrong;
    }

    private static void only(JobKind of, String field, Optional<?> given, JobKind kind, List<Violation> wrong) {
        if (given.isPresent() && kind != of) {
            wrong.add(new Violation("options." + field, "not_allowed", "only a " + of.word() + " can have " + field));
        }
    }

    private static Violation invalid(String field, String detail) {
        return new Violation("options." + field, "invalid_option", detail);
    }
}
