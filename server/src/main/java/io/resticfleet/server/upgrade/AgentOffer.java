package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.Release;

/**
 * The agent's jar that this server hands out.
 *
 * @param sha256 64 digits
 * @param size in bytes
 */
public record AgentOffer(String version, String sha256, long size) {

    /** Whether an agent of that version is older; false if that cannot be told. */
    public boolean isNewerThan(String agentVersion) {
        return Release.isNewer(version, agentVersion);
    }
}
