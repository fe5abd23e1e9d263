package io.resticfleet.server.web;

/** Who may call a route. There is no default: every route has to name one. */
public enum Access {
    /** Anyone, without authentication: health, sign-in, the agent's jar. */
    OPEN,
    /** The holder of an enrolment token; the handler checks it. */
    ENROLLMENT_TOKEN,
    /** An agent that proves possession of its host's key; the handler checks it. */
    AGENT,
    /** A signed-in user, or a program with an API token that has the route's scopes. */
    USER,
    /** The same; where the settings allow it, also any program on this machine. */
    USER_OR_LOCAL
}
