package io.resticfleet.server.web;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What an API token may be used for. A session has every scope. */
public enum Scope {
    /** Looking at everything but the contents of files. */
    READ,
    /** Starting and cancelling jobs as they are configured. */
    RUN,
    /** Every change; with hooks and schedules, also commands on machines that allow them. */
    WRITE,
    /** Restores to machines, and downloads of files. */
    RESTORE,
    /** The figures for Prometheus. */
    METRICS;

    public static final Set<Scope> ALL = Set.copyOf(EnumSet.allOf(Scope.class));

    /** The name in JSON and in the database, such as {@code read}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException unless there is one with this name */
    public static Scope of(String word) {
        return Arrays.stream(values())
                .filter(scope -> scope.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no scope '" + word + "'; there are "
                        + String.join(
                                ", ",
                                List.of(values()).stream().map(Scope::word).toList())));
    }
}
