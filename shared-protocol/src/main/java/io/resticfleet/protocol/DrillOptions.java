package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a scheduled drill restores.
 *
 * @param sample how much, at random
 * @param canaries absolute paths of files that each drill restores; one that is not in the snapshot fails it
 * @param ofSchedule the backup schedule whose latest snapshot is tried; absent for the latest one of the host
 */
public record DrillOptions(
        DrillSample sample,
        List<String> canaries,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<ScheduleId> ofSchedule) {

    static final int MAX_CANARIES = 50;

    private static final Set<String> NO_NAMES = Set.of(".", "..");

    /** A random sample of the host's latest snapshot. */
    public static final DrillOptions DEFAULT = new DrillOptions(DrillSample.DEFAULT, List.of(), Optional.empty());

    public DrillOptions {
        sample = sample == null ? DrillSample.DEFAULT : sample;
        canaries = canaries == null ? List.of() : List.copyOf(canaries);
        ofSchedule = ofSchedule == null ? Optional.empty() : ofSchedule;
    }

    List<Violation> violations() {
        var wrong = new ArrayList<>(sample.violations());
        problem(canaries)
                .ifPresent(detail ->
                        wrong.add(new Violation("options.drill.canaries", "invalid_option", "canaries: " + detail)));
        return wrong;
    }

    /** Why these cannot be the paths of canaries; absent if they can. */
    static Optional<String> problem(List<String> canaries) {
        if (canaries.size() > MAX_CANARIES) {
            return Optional.of("at most " + MAX_CANARIES + " paths are allowed but there are " + canaries.size());
        }
        if (new HashSet<>(canaries).size() < canaries.size()) {
            return Optional.of("a path occurs twice");
        }
        return canaries.stream()
                .filter(path -> !isFile(path))
                .findFirst()
                .map(path -> "'" + Limit.cut(path, Limit.NAME)
                        + "' is not an absolute path of a file, such as /etc/fstab, without . and .. in it");
    }

    private static boolean isFile(String path) {
        return path.startsWith("/")
                && path.length() <= Limit.LINE
                && path.indexOf('\0') < 0
                && List.of(path.substring(1).split("/", -1)).stream()
                        .noneMatch(name -> name.isEmpty() || NO_NAMES.contains(name));
    }
}
