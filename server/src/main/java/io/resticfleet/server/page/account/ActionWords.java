package io.resticfleet.server.page.account;

import java.util.Map;

/** What somebody did, in words; see the audit log's {@code action}. */
final class ActionWords {

    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("agent.upgrade", "told an agent to become a newer version"),
            Map.entry("agent.upgrade_failed", "could not upgrade an agent"),
            Map.entry("agent.upgraded", "upgraded an agent"),
            Map.entry("auth.login", "signed in"),
            Map.entry("auth.login_failed", "could not sign in"),
            Map.entry("auth.logout", "signed out"),
            Map.entry("enrollment_token.create", "made a token for a machine to join"),
            Map.entry("host.delete", "deleted a machine"),
            Map.entry("host.enroll", "let a machine join"),
            Map.entry("host.rename", "renamed a machine"),
            Map.entry("host.repository", "changed a repository"),
            Map.entry("host.twins", "found two machines with one identity"),
            Map.entry("host.restored", "decided whose schedules hold after a restore"),
            Map.entry("job.cancel", "cancelled a job"),
            Map.entry("job.run", "started a job"),
            Map.entry("schedule.create", "made a schedule"),
            Map.entry("schedule.delete", "deleted a schedule"),
            Map.entry("schedule.take_over", "took over the schedules of a machine"),
            Map.entry("schedule.update", "changed a schedule"),
            Map.entry("token.create", "made an API token"),
            Map.entry("token.delete", "deleted an API token"),
            Map.entry("user.create", "made a user"),
            Map.entry("user.password_change", "changed a password"),
            Map.entry("user.password_reset", "reset a password"));

    private ActionWords() {}

    /** The action itself, where it has no words yet. */
    static String of(String action) {
        return WORDS.getOrDefault(action, action);
    }
}
