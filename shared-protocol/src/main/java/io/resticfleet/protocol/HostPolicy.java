package io.resticfleet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * What the owner of a machine allows its server to do there. The owner writes it, the agent holds the server to it and tells
 * it; the server can only show it.
 *
 * @param file where the owner writes it, on the machine
 * @param hookDirectory where the scripts lie that a hook may name, if {@code hooks} is {@link HookRule#LOCAL_ONLY}
 * @param restoreRoots directories into which files may be restored; empty is none
 * @param restoreInPlace whether files may be restored to where they were saved from
 * @param repositories kinds of repository that may be used, as {@link RepositoryUrl#backend} names them
 * @param longestRun after which a job is stopped; absent is never
 * @param questions whether the agent answers questions about the machine; absent from agents that answer none
 * @param problem why what the owner wrote cannot be used, so that the strictest policy holds; absent if it can, or if nothing
 *     was written
 */
public record HostPolicy(
        String file,
        HookRule hooks,
        String hookDirectory,
        List<String> restoreRoots,
        boolean restoreInPlace,
        List<String> repositories,
        Optional<RunLimit> longestRun,
        Optional<QuestionRule> questions,
        Optional<String> problem) {

    private static final int MOST_ITEMS = 100;
    private static final int LONGEST_TEXT = 4_096;

    /** @throws IllegalArgumentException if a text or a list is too long to be kept and shown */
    public HostPolicy {
        restoreRoots = List.copyOf(restoreRoots);
        repositories = List.copyOf(repositories);
        longestRun = longestRun == null ? Optional.empty() : longestRun;
        questions = questions == null ? Optional.empty() : questions;
        problem = problem == null ? Optional.empty() : problem;
        if (restoreRoots.size() > MOST_ITEMS || repositories.size() > MOST_ITEMS) {
            throw new IllegalArgumentException("a policy lists at most " + MOST_ITEMS + " things of a kind");
        }
        check(file);
        check(hookDirectory);
        restoreRoots.forEach(HostPolicy::check);
        repositories.forEach(HostPolicy::check);
        problem.ifPresent(HostPolicy::check);
    }

    /** Whether that kind of repository may be used. */
    public boolean allows(RepositoryUrl url) {
        return repositories.contains(url.backend());
    }

    private static void check(String text) {
        if (text.length() > LONGEST_TEXT || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a text of a policy is at most " + LONGEST_TEXT + " characters, none of them NUL");
        }
    }
}
