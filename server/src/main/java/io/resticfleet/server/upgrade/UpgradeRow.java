package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Optional;

/** A row of {@code agent_upgrades}. */
record UpgradeRow(
        HostId hostId,
        Optional<String> refusal,
        Optional<String> version,
        Optional<String> state,
        Optional<String> detail,
        Optional<String> orderedBy,
        Optional<Instant> changedAt) {

    /** Of what was wanted last; empty if nothing was. */
    Optional<UpgradeState> step() {
        return state.map(UpgradeState::of);
    }

    boolean open() {
        return step().filter(UpgradeState::open).isPresent();
    }
}
