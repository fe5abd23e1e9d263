package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import io.resticfleet.protocol.RotateKey;

/** Whether the policy allows what removes something from a repository, whatever server asks for it. */
public final class RemovalRule {

    private RemovalRule() {}

    /** @throws DeniedByPolicy if the job is not allowed */
    public static void check(HostPolicy policy, JobSpec spec) throws DeniedByPolicy {
        boolean removesData = switch (spec.kind()) {
            case REPAIR_SNAPSHOTS -> true;
            case PRUNE -> spec instanceof JobSpec.Prune prune && !prune.dryRun();
            case UNLOCK -> spec instanceof JobSpec.Unlock unlock && unlock.removeAll();
            case ROTATE_KEY -> spec instanceof RotateKey rotation && changesKeys(rotation.step());
            case BACKUP, FORGET, CHECK, INIT, SNAPSHOTS, PROBE, STATS, COPY, REPAIR_INDEX, RESTORE, DRILL -> false;
        };
        if (removesData && !policy.rules().allowsPrune()) {
            throw denied(
                    ErrorCode.POLICY_PRUNE,
                    policy,
                    "that data, keys or locks in use of a repository are changed or removed",
                    "prune");
        }
        if (spec instanceof JobSpec.Forget) {
            retention(policy, RetentionPolicy.NONE);
        }
    }

    /** On a machine whose owner allows no removal, no server can have a key removed, nor add one of its own. */
    private static boolean changesKeys(RotateKey.Step step) {
        return step == RotateKey.Step.ADD || step == RotateKey.Step.REMOVE;
    }

    /**
     * The retention that may be applied: the machine's own where its owner wants no other.
     *
     * @param wanted the server's
     * @throws DeniedByPolicy if no snapshots may be removed
     */
    public static RetentionPolicy retention(HostPolicy policy, RetentionPolicy wanted) throws DeniedByPolicy {
        return switch (policy.rules().retention().orElse(RetentionRule.FROM_SERVER)) {
            case OFF -> throw denied(ErrorCode.POLICY_RETENTION, policy, "that snapshots are removed", "retention");
            case LOCAL_ONLY -> policy.rules().retentionPolicy().orElse(RetentionPolicy.NONE);
            case FROM_SERVER -> wanted;
        };
    }

    private static DeniedByPolicy denied(ErrorCode code, HostPolicy policy, String what, String field) {
        var where = policy.problem()
                .map(why -> policy.file() + " on the machine cannot be used: " + why)
                .orElse(field + " in " + policy.file() + " on the machine");
        return new DeniedByPolicy(code, "this machine's owner does not allow " + what + " (" + where + ")");
    }
}
