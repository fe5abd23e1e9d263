package io.resticfleet.server.upgrade;

import java.util.Locale;

/** Where the upgrade of one agent is. */
public enum UpgradeState {
    /** The agent was told, or will be when it connects. */
    ORDERED,
    /** It is at it; it may wait for a run to end. */
    WORKING,
    /** It has come back as what it should be. */
    SUCCEEDED,
    /** It is what it was before. */
    FAILED;

    /** Whether something is still to be heard. */
    boolean open() {
        return this == ORDERED || this == WORKING;
    }

    /** In JSON and in the database. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UpgradeState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
