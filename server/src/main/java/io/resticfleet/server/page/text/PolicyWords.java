package io.resticfleet.server.page.text;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.QuestionRule;
import io.resticfleet.protocol.RepositoryUrl;

/** A machine's policy in words. */
public final class PolicyWords {

    private PolicyWords() {}

    /** Hint for the hook fields of the schedule form. */
    public static String hint(HostPolicy policy) {
        return switch (policy.hooks()) {
            case OFF -> "This machine does not allow hooks: a job with a hook runs without it and ends as partial.";
            case LOCAL_ONLY ->
                "This machine only allows scripts in its directory " + policy.hookDirectory()
                        + ": enter the name of a script, without path or arguments.";
            case FROM_SERVER -> "Commands that run on the machine before and after the backup. Its owner allows them.";
        };
    }

    public static String hooks(HostPolicy policy) {
        return switch (policy.hooks()) {
            case OFF -> "none";
            case LOCAL_ONLY -> "only scripts in " + policy.hookDirectory() + " on the machine, by name";
            case FROM_SERVER -> "any command in a schedule";
        };
    }

    public static String repositories(HostPolicy policy) {
        if (policy.repositories().containsAll(RepositoryUrl.BACKENDS)) {
            return "all kinds";
        }
        return policy.repositories().isEmpty() ? "none" : "only " + String.join(", ", policy.repositories());
    }

    public static String longestRun(HostPolicy policy) {
        return policy.longestRun()
                .map(limit -> limit + "; a longer run is stopped and fails")
                .orElse("no limit");
    }

    public static String questions(QuestionRule rule) {
        return rule == QuestionRule.ON
                ? "answered: what a path is and how much is in it, but no names or contents of files"
                : "not answered";
    }

    public static String restores(HostPolicy policy) {
        var roots = String.join(", ", policy.restoreRoots());
        if (policy.restoreInPlace()) {
            return "to the original location" + (roots.isEmpty() ? "" : ", and into " + roots);
        }
        return roots.isEmpty() ? "not allowed" : "only into " + roots;
    }
}
