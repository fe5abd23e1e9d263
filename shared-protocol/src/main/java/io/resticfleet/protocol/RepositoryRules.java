package io.resticfleet.protocol;

import java.util.Optional;

/**
 * What a machine's owner allows its server to do to repositories. All of it is absent from agents that do not enforce it.
 *
 * @param retentionPolicy what to keep if {@code retention} is {@link RetentionRule#LOCAL_ONLY}
 * @param prune whether data may be removed from a repository, and with it all that can do the same harm: removal of locks
 *     in use, repair of snapshots, and rotation of the key
 * @param insecureTls whether a repository's certificate may go unchecked
 * @param cloudRole whether restic may use the credentials of the machine's own role in a cloud
 */
public record RepositoryRules(
        Optional<RetentionRule> retention,
        Optional<RetentionPolicy> retentionPolicy,
        Optional<LeastKept> leastKept,
        Optional<OnOff> prune,
        Optional<OnOff> insecureTls,
        Optional<OnOff> cloudRole) {

    /** Of a machine whose owner wrote nothing of it. */
    public static final RepositoryRules DEFAULT = new RepositoryRules(
            Optional.of(RetentionRule.FROM_SERVER),
            Optional.empty(),
            Optional.of(LeastKept.DEFAULT),
            Optional.of(OnOff.ON),
            Optional.of(OnOff.OFF),
            Optional.of(OnOff.OFF));

    /** Of a machine whose policy cannot be used. */
    public static final RepositoryRules STRICTEST = new RepositoryRules(
            Optional.of(RetentionRule.OFF),
            Optional.empty(),
            Optional.of(LeastKept.DEFAULT),
            Optional.of(OnOff.OFF),
            Optional.of(OnOff.OFF),
            Optional.of(OnOff.OFF));

    /** Of an agent that does not enforce any. */
    public static final RepositoryRules NONE = new RepositoryRules(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** @throws IllegalArgumentException if {@code retentionPolicy} has violations */
    public RepositoryRules {
        retentionPolicy.stream()
                .flatMap(policy -> policy.violations().stream())
                .findFirst()
                .ifPresent(wrong -> {
                    throw new IllegalArgumentException(wrong.detail());
                });
    }

    /** Whether data may be removed from a repository. */
    public boolean allowsPrune() {
        return !prune.equals(Optional.of(OnOff.OFF));
    }

    /** Whether a repository's certificate may go unchecked. */
    public boolean allowsInsecureTls() {
        return insecureTls.equals(Optional.of(OnOff.ON));
    }

    /** Whether restic may use the machine's own role in a cloud. */
    public boolean allowsCloudRole() {
        return cloudRole.equals(Optional.of(OnOff.ON));
    }
}
