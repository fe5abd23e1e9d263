package io.resticfleet.server.schedule;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Picks the schedule for a request that names none. */
public final class HostBackup {

    private HostBackup() {}

    /**
     * Returns the only manual schedule, else the only schedule.
     *
     * @param some enabled schedules of a host, of one kind
     * @return empty if there is none, or more than one
     */
    public static <T> Optional<T> pick(List<T> some, Predicate<T> manual) {
        return only(some.stream().filter(manual).toList()).or(() -> only(some));
    }

    private static <T> Optional<T> only(List<T> some) {
        return some.size() == 1 ? Optional.of(some.get(0)) : Optional.empty();
    }
}
