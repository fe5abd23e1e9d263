package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Optional;

/**
 * The agent version of one host, and its last upgrade.
 *
 * @param outdated whether this server carries a newer version
 * @param refusal why the server cannot upgrade this agent; null if it can
 * @param version target of the last upgrade; null, like state and changedAt, if there was none
 * @param state {@code ordered}, {@code working}, {@code succeeded} or {@code failed}
 * @param detail progress, or the reason of a failure, in words; may be null
 */
public record HostUpgrade(
        HostId hostId,
        String name,
        String agentVersion,
        boolean outdated,
        Optional<String> refusal,
        Optional<String> version,
        Optional<String> state,
        Optional<String> detail,
        Optional<Instant> changedAt) {

    /** Whether an upgrade can be started as soon as the agent is connected. */
    public boolean possible() {
        return outdated && refusal.isEmpty() && !inProgress();
    }

    private boolean inProgress() {
        return state.map(UpgradeState::of).filter(UpgradeState::open).isPresent();
    }
}
