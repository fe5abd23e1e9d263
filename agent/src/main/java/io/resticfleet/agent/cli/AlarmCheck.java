package io.resticfleet.agent.cli;

import io.resticfleet.agent.policy.OwnersAlarm;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Whether this machine tells its owner by itself that it has no server. */
final class AlarmCheck {

    private static final String WHAT = "alarm";

    private AlarmCheck() {}

    static void of(Optional<OwnersAlarm> alarm, BiConsumer<String, String> ok, BiConsumer<String, String> problem) {
        if (alarm.isEmpty()) {
            ok.accept(
                    WHAT,
                    "not set; with alert_command or alert_url in the policy, this machine tells by itself when it has"
                            + " no server");
        } else {
            alarm.get()
                    .problem()
                    .ifPresentOrElse(
                            why -> problem.accept(WHAT, why),
                            () -> ok.accept(WHAT, alarm.get().toString()));
        }
    }
}
