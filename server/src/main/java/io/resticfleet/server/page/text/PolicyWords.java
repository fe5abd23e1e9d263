package io.resticfleet.server.page.text;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.RepositoryUrl;

/** What a machine allows, for people. */
public final class PolicyWords {

    private PolicyWords() {}

    /** For beside the fields of a schedule's hooks. */
    public static String hint(HostPolicy policy) {
        return switch (policy.hooks()) {
            case OFF -> "This machine runs no hooks: with one, the backup is made and ends as partial.";
            case LOCAL_ONLY ->
                "This machine runs scripts in its directory " + policy.hookDirectory()
                        + ": give the name of one, without a path or arguments.";
            case FROM_SERVER -> "Commands that the machine runs before and after; its owner allows it.";
        };
    }

    public static String hooks(HostPolicy policy) {
        return switch (policy.hooks()) {
            case OFF -> "none";
            case LOCAL_ONLY -> "only scripts in " + policy.hookDirectory() + " on the machine, by name";
            case FROM_SERVER -> "any command that a schedule says";
        };
    }

    public static String repositories(HostPolicy policy) {
        if (policy.repositories().containsAll(RepositoryUrl.BACKENDS)) {
            return "of every kind";
        }
        return policy.repositories().isEmpty() ? "none" : "only " + String.join(", ", policy.repositories());
    }

    public static String longestRun(HostPolicy policy) {
        return policy.longestRun()
                .map(limit -> limit + "; then a run is stopped and has failed")
                .orElse("no limit");
    }

    public static String restores(HostPolicy policy) {
        var roots = String.join(", ", policy.restoreRoots());
        if (policy.restoreInPlace()) {
            return "to where files came from" + (roots.isEmpty() ? "" : ", and into " + roots);
        }
        return roots.isEmpty() ? "nowhere" : "into " + roots;
    }
}
