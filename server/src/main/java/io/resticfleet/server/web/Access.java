package io.resticfleet.server.web;

/** Who may call a route. There is no default: a route that does not say cannot be added. */
public enum Access {
    /** Everybody, without saying who they are: health, sign-in, the agent's jar. */
    OPEN,
    /** Whoever holds an enrolment token; the handler checks it. */
    ENROLLMENT_TOKEN,
    /** An agent that proves to hold a host's key; the handler checks it. */
    AGENT,
    /** A person who is signed in, or a program with an API token. */
    USER
}
