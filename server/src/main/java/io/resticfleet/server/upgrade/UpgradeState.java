package io.resticfleet.server.upgrade;

import java.util.Locale;

/** State of the upgrade of one agent. */
public enum UpgradeState {
    /** The request was sent to the agent, or will be when it connects. */
    ORDERED,
    /** The agent is upgrading, or waits for the end of a run. */
    WORKING,
    /** The agent has connected with the new version. */
    SUCCEEDED,
    /** The agent has kept, or gone back to, its former version, or has not reconnected. */
    FAILED;

    /** Whether the upgrade is still in progress. */
    boolean open() {
        return this == ORDERED || this == WORKING;
    }

    /** The name in JSON and in the database. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UpgradeState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
