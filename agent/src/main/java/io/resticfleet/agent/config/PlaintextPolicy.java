package io.resticfleet.agent.config;

/** Whether the owner of this machine lets the agent talk to its server over a network without TLS. */
public enum PlaintextPolicy {
    REFUSED,
    ALLOWED
}
