package io.resticfleet.server.page.text;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionRule;
import java.util.LinkedHashMap;
import java.util.Map;

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

    public static String questions(OnOff rule) {
        return rule == OnOff.ON
                ? "answered: what a path is and how much is in it, and which files are in snapshots"
                : "not answered";
    }

    /** The rules about repositories, by their names; those that older agents do not enforce are left out. */
    public static Map<String, String> rules(RepositoryRules rules) {
        var words = new LinkedHashMap<String, String>();
        rules.retention().ifPresent(rule -> words.put("Removal of snapshots", retention(rule)));
        rules.leastKept()
                .ifPresent(kept -> words.put(
                        "Always kept",
                        "the newest " + kept.count() + " snapshots of each schedule, and those of the last "
                                + kept.age()));
        rules.prune()
                .ifPresent(rule -> words.put(
                        "Prune, repair, new key",
                        rule == OnOff.ON ? "allowed" : "not allowed, nor the removal of locks in use"));
        rules.insecureTls()
                .ifPresent(rule -> words.put(
                        "Unchecked certificates", rule == OnOff.ON ? "allowed for repositories" : "not allowed"));
        rules.cloudRole()
                .ifPresent(rule ->
                        words.put("Role in a cloud", rule == OnOff.ON ? "may be used for repositories" : "not used"));
        return words;
    }

    /** The rules about what is in snapshots, by their names; those that older agents do not enforce are left out. */
    public static Map<String, String> reading(ReadingRules rules) {
        var words = new LinkedHashMap<String, String>();
        rules.index()
                .ifPresent(
                        rule -> words.put("Index of files", rule == OnOff.ON ? "made of all snapshots" : "not made"));
        rules.download()
                .ifPresent(rule -> words.put("Downloads from snapshots", rule == OnOff.ON ? "allowed" : "not allowed"));
        return words;
    }

    private static String retention(RetentionRule rule) {
        return switch (rule) {
            case OFF -> "not allowed";
            case LOCAL_ONLY -> "by a policy on the machine only";
            case FROM_SERVER -> "by the schedules' retention";
        };
    }

    public static String restores(HostPolicy policy) {
        var roots = String.join(", ", policy.restoreRoots());
        if (policy.restoreInPlace()) {
            return "to the original location" + (roots.isEmpty() ? "" : ", and into " + roots);
        }
        return roots.isEmpty() ? "not allowed" : "only into " + roots;
    }
}
