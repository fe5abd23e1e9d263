package io.resticfleet.agent.cli;

import io.resticfleet.program.Command;

/** What the agent's program can do. */
public enum AgentCommand implements Command {
    ENROLL("join a server, once"),
    RUN("back up; runs until it is stopped"),
    DOCTOR("find out what is wrong"),
    TRUST("trust another key of the server's, after it was lost"),
    UNIT("print the unit for systemd"),
    VERSION("print the version"),
    HELP("print this");

    private final String meaning;

    AgentCommand(String meaning) {
        this.meaning = meaning;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
