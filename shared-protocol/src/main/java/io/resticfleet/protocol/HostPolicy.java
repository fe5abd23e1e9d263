package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the owner of a machine allows its server to do there. The agent enforces it and reports it; the server only
 * shows it.
 *
 * @param file the policy file on the machine
 * @param hookDirectory the scripts that a hook may name, if {@code hooks} is {@link HookRule#LOCAL_ONLY}
 * @param restoreRoots directories into which files may be restored; empty for none
 * @param restoreInPlace whether files may be restored to their original location
 * @param repositories allowed kinds of repository, as named by {@link RepositoryUrl#backend}
 * @param longestRun a job is stopped after this time; absent for no limit
 * @param questions whether the agent answers questions about the machine; absent from older agents
 * @param rules about repositories
 * @param reading about what is in snapshots
 * @param problem why the policy file cannot be used, so that the strictest policy applies; absent if it is valid or
 * missing
 */
public record HostPolicy(
        String file,
        HookRule hooks,
        String hookDirectory,
        List<String> restoreRoots,
        boolean restoreInPlace,
        List<String> repositories,
        Optional<PolicyDuration> longestRun,
        Optional<OnOff> questions,
        @JsonUnwrapped RepositoryRules rules,
        @JsonUnwrapped ReadingRules reading,
        Optional<String> problem) {

    private static final Pattern HOOK_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}");
    private static final int MAX_SHOWN = 80;
    private static final int MAX_ITEMS = 100;
    private static final int MAX_TEXT_LENGTH = 4_096;

    /** @throws IllegalArgumentException if a text or a list is too long to store */
    public HostPolicy {
        restoreRoots = List.copyOf(restoreRoots);
        repositories = List.copyOf(repositories);
        longestRun = longestRun == null ? Optional.empty() : longestRun;
        questions = questions == null ? Optional.empty() : questions;
        rules = rules == null ? RepositoryRules.NONE : rules;
        reading = reading == null ? ReadingRules.NONE : reading;
        problem = problem == null ? Optional.empty() : problem;
        if (restoreRoots.size() > MAX_ITEMS || repositories.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("a list in a policy has at most " + MAX_ITEMS + " items");
        }
        check(file);
        check(hookDirectory);
        restoreRoots.forEach(HostPolicy::check);
        repositories.forEach(HostPolicy::check);
        problem.ifPresent(HostPolicy::check);
    }

    /** Whether this kind of repository is allowed. */
    public boolean allows(RepositoryUrl url) {
        return repositories.contains(url.backend());
    }

    /**
     * Why hooks of the server will not run, as a sentence; empty if they may. With {@link HookRule#LOCAL_ONLY}, a hook must
     * also exist as a script on the machine, which only its agent knows.
     */
    public Optional<String> refusal(Hooks wanted) {
        return Stream.of(wanted.pre(), wanted.post())
                .flatMap(Optional::stream)
                .flatMap(hook -> refusal(hook).stream())
                .findFirst();
    }

    private Optional<String> refusal(String hook) {
        return switch (hooks) {
            case OFF ->
                Optional.of("this machine's owner allows no hooks ("
                        + problem.map(why -> file + " on the machine cannot be used: " + why)
                                .orElse("hooks in " + file + " on the machine")
                        + ")");
            case LOCAL_ONLY ->
                HOOK_NAME.matcher(hook.strip()).matches()
                        ? Optional.empty()
                        : Optional.of("a hook may only be the name of a script in " + hookDirectory
                                + " on the machine, without a path or arguments, but is '" + shortened(hook.strip())
                                + "'");
            case FROM_SERVER -> Optional.empty();
        };
    }

    private static String shortened(String text) {
        return WellFormedText.cut(text, MAX_SHOWN);
    }

    private static void check(String text) {
        if (text.length() > MAX_TEXT_LENGTH || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a text in a policy has at most " + MAX_TEXT_LENGTH + " characters, none of them NUL");
        }
    }
}
