package io.resticfleet.agent;

/** Whether the owner of this machine lets the agent talk to its server over a network without TLS. */
enum PlaintextPolicy {
    REFUSED,
    ALLOWED
}
