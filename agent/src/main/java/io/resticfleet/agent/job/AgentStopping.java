package io.resticfleet.agent.job;

/** Ends the agent's part in a job without ending the job: it is in the journal, and taken up at the next start. */
final class AgentStopping extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
