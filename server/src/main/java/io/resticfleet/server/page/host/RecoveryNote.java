package io.resticfleet.server.page.host;

import io.resticfleet.server.drill.HostRecovery;

/**
 * What would be left of a host if it died now.
 *
 * @param online whether a drill can be started now
 */
public record RecoveryNote(HostRecovery recovery, boolean online) {

    /** The id of the fragment. */
    public static final String ID = "recovery";

    public static final String TEMPLATE = "host/recovery.jte";
}
