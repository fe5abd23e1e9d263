package io.resticfleet.agent.job;

/** Whether the owner of this machine lets the server's operator run commands on it. */
public enum HookPolicy {
    ALLOWED,
    REFUSED
}
