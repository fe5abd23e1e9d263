package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostPolicy;
import java.util.List;
import java.util.Optional;

/**
 * The hooks of a schedule as commands with arguments, all allowed by the policy.
 *
 * @param pre run before a backup
 * @param post run after a backup
 */
public record HookCommands(Optional<List<String>> pre, Optional<List<String>> post) {

    /** @throws DeniedByPolicy if any of them is not allowed; then none may run */
    public static HookCommands of(HostPolicy policy, Hooks hooks) throws DeniedByPolicy {
        var refusal = policy.refusal(hooks);
        if (refusal.isPresent()) {
            throw new DeniedByPolicy(ErrorCode.HOOKS_REFUSED, refusal.get());
        }
        return new HookCommands(command(policy, hooks.pre()), command(policy, hooks.post()));
    }

    private static Optional<List<String>> command(HostPolicy policy, Optional<String> text) throws DeniedByPolicy {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                policy.hooks() == HookRule.FROM_SERVER
                        ? List.of("/bin/sh", "-c", text.get())
                        : List.of(new HookScripts(policy.hookDirectory())
                                .find(text.get().strip())
                                .toString()));
    }
}
