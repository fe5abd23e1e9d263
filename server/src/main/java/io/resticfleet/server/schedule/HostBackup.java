package io.resticfleet.server.schedule;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Picks the schedule for a host's backup when a request names none. */
public final class HostBackup {

    private HostBackup() {}

    /**
     * Returns the only manual schedule, else the only schedule.
     *
     * @param backups the enabled backup schedules of a host
     * @return empty if there is none, or more than one
     */
    public static <T> Optional<T> pick(List<T> backups, Predicate<T> manual) {
        return only(backups.stream().filter(manual).toList()).or(() -> only(backups));
    }

    private static <T> Optional<T> only(List<T> some) {
        return some.size() == 1 ? Optional.of(some.get(0)) : Optional.empty();
    }
}
