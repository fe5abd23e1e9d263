package io.resticfleet.server.page.account;

import java.util.Map;

/** The audit log's {@code action} in words. */
final class ActionWords {

    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("agent.upgrade", "started the upgrade of an agent"),
            Map.entry("agent.upgrade_failed", "failed to upgrade an agent"),
            Map.entry("agent.upgraded", "upgraded an agent"),
            Map.entry("alert.acknowledge", "acknowledged an alert"),
            Map.entry("alert.unacknowledge", "took back an acknowledgement"),
            Map.entry("auth.login", "signed in"),
            Map.entry("auth.login_failed", "failed to sign in"),
            Map.entry("auth.logout", "signed out"),
            Map.entry("channel.create", "added a channel"),
            Map.entry("channel.delete", "deleted a channel"),
            Map.entry("channel.test", "tested a channel"),
            Map.entry("channel.update", "changed a channel"),
            Map.entry("badges.renew", "replaced the keys of badges"),
            Map.entry("feed.renew", "replaced the key of the feed of alerts"),
            Map.entry("watchdog.remove", "ended the pings of the watchdog"),
            Map.entry("watchdog.set", "set what the watchdog pings"),
            Map.entry("enrollment_token.create", "created an enrolment token"),
            Map.entry("host.delete", "deleted a machine"),
            Map.entry("host.enroll", "enrolled a machine"),
            Map.entry("host.expectations", "changed when a machine is to alarm"),
            Map.entry("host.pause", "paused a machine"),
            Map.entry("host.quota", "reached its daily limit"),
            Map.entry("host.unstorable", "sent a result that can never be stored"),
            Map.entry("host.resume", "resumed a machine"),
            Map.entry("host.silence", "silenced a machine"),
            Map.entry("host.unsilence", "ended the silence of a machine"),
            Map.entry("host.replace", "replaced a machine"),
            Map.entry("host.replacement_token", "created a command to replace a machine"),
            Map.entry("host.rename", "renamed a machine"),
            Map.entry("host.repository", "changed a repository"),
            Map.entry("host.repository_leave", "took a repository from a machine"),
            Map.entry("host.repository_use", "gave a machine a repository"),
            Map.entry("repository.access", "changed access to a repository"),
            Map.entry("repository.create", "added a repository"),
            Map.entry("repository.delete", "removed a repository"),
            Map.entry("repository.grant", "gave a job the maintainer's credentials"),
            Map.entry("repository.key_expect", "confirmed a key of a repository"),
            Map.entry("repository.key_found", "found a key that nobody expects"),
            Map.entry("repository.key_removed", "removed an old key of a repository"),
            Map.entry("repository.rotate", "began to change a repository's password"),
            Map.entry("repository.rotate_retry", "tried to change a repository's password again"),
            Map.entry("repository.rotated", "changed a repository's password"),
            Map.entry("retention.adopt", "let snapshots count for retention"),
            Map.entry("retention.confirm", "confirmed snapshots"),
            Map.entry("retention.distrust", "stopped trusting a machine"),
            Map.entry("retention.release", "let retention go on"),
            Map.entry("retention.trust", "trusted a machine again"),
            Map.entry("repository.update", "changed a repository"),
            Map.entry("host.repository_discard", "discarded a change of a repository"),
            Map.entry("host.twins", "found two machines with one identity"),
            Map.entry("host.restored", "decided which schedules to keep after a restore"),
            Map.entry("job.cancel", "cancelled a job"),
            Map.entry("job.run", "started a job"),
            Map.entry("schedule.accept", "accepted a backup as meant"),
            Map.entry("schedule.create", "created a schedule"),
            Map.entry("schedule.delete", "deleted a schedule"),
            Map.entry("schedule.take_over", "adopted the schedules of a machine"),
            Map.entry("schedule.update", "changed a schedule"),
            Map.entry("snapshot.download", "downloaded files of a snapshot"),
            Map.entry("token.create", "created an API token"),
            Map.entry("token.delete", "deleted an API token"),
            Map.entry("user.create", "created a user"),
            Map.entry("user.password_change", "changed a password"),
            Map.entry("user.password_reset", "reset a password"));

    private ActionWords() {}

    /** The action itself if there are no words for it. */
    static String of(String action) {
        return WORDS.getOrDefault(action, action);
    }
}
