package io.resticfleet.server.upgrade;

import java.time.Instant;
import java.util.Optional;

/**
 * How it is with the version of one agent.
 *
 * @param outdated whether this server has a newer one
 * @param refusal why it cannot be upgraded from here; null if it can
 * @param version that was wanted last; null, with state and changedAt, if none was
 * @param state {@code ordered}, {@code working}, {@code succeeded} or {@code failed}
 * @param detail what it is at, or why it failed, in words; null if there is nothing to say
 */
public record HostUpgrade(
        String hostId,
        String name,
        String agentVersion,
        boolean outdated,
        Optional<String> refusal,
        Optional<String> version,
        Optional<String> state,
        Optional<String> detail,
        Optional<Instant> changedAt) {

    /** Whether somebody can order it now, if the agent is there. */
    public boolean possible() {
        return outdated && refusal.isEmpty() && !goesOn();
    }

    private boolean goesOn() {
        return state.map(UpgradeState::of).filter(UpgradeState::open).isPresent();
    }
}
