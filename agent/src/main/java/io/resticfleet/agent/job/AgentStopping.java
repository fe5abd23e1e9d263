package io.resticfleet.agent.job;

/** Thrown when the agent stops during a job. The job stays in the journal and is resumed at the next start. */
final class AgentStopping extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
