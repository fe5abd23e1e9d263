package io.resticfleet.agent;

import io.resticfleet.agent.job.Runner;
import io.resticfleet.agent.job.SnapshotLists;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.schedule.Planner;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;

/** Takes what the server sends of this host's repositories and its pause. */
final class ConfigUpdates {

    private static final int MAX_HOSTNAME_LENGTH = 255;

    private final CredentialStore credentials;
    private final Planner planner;
    private final SnapshotLists snapshots;
    private final Runner runner;

    ConfigUpdates(CredentialStore credentials, Planner planner, SnapshotLists snapshots, Runner runner) {
        this.credentials = credentials;
        this.planner = planner;
        this.snapshots = snapshots;
        this.runner = runner;
    }

    /** Due times until now belong to the pause that was in force, if any: it is replaced after they are handled. */
    void received(ServerLink from, ToAgent.ConfigUpdate update) {
        if (!isValid(update.hostname())) {
            from.send(new ToServer.Error(
                    "invalid_hostname", "a host's name is 1 to " + MAX_HOSTNAME_LENGTH + " characters on one line"));
            return;
        }
        if (!update.pause().equals(credentials.pause())) {
            planner.tick();
        }
        credentials.store(update);
        if (snapshots.follow(credentials.each())) {
            runner.list();
        }
    }

    private static boolean isValid(String hostname) {
        return !hostname.isBlank()
                && hostname.length() <= MAX_HOSTNAME_LENGTH
                && hostname.chars().noneMatch(Character::isISOControl);
    }
}
