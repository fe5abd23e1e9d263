package io.resticfleet.server.schedule;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which schedule is meant when somebody asks for a host's backup without naming one. */
public final class HostBackup {

    private HostBackup() {}

    /**
     * The only manual one, else the only one.
     *
     * @param backups the enabled backup schedules of a host
     * @return empty if that leaves none, or more than one
     */
    public static <T> Optional<T> pick(List<T> backups, Predicate<T> manual) {
        return only(backups.stream().filter(manual).toList()).or(() -> only(backups));
    }

    private static <T> Optional<T> only(List<T> some) {
        return some.size() == 1 ? Optional.of(some.get(0)) : Optional.empty();
    }
}
