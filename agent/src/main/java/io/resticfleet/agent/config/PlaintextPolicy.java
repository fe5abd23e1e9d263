package io.resticfleet.agent.config;

/** Whether the owner of this machine allows a connection to the server over a network without TLS. */
public enum PlaintextPolicy {
    REFUSED,
    ALLOWED
}
