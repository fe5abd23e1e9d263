package io.resticfleet.server.repository;

import java.util.Locale;

/** What the last job that opened a repository found. */
public enum RepositoryStatus {
    /** No job has opened it yet. */
    UNKNOWN,
    OK,
    UNREACHABLE,
    WRONG_PASSWORD,
    LOCKED,
    /** A check found errors, or restic could not read it. */
    DAMAGED;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The name in JSON and in the database, such as {@code wrong_password}. */
    public String word() {
        return word;
    }
}
